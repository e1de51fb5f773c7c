import test from 'ava'
import fc from 'fast-check'
import forge from 'node-forge'
import { decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { certificateOf } from '../../daemon/ctl/record-fields.js'
import { readCertificateParts } from '../../daemon/trust/certificate/certificate-parts.js'
import { derType, readDer, readOid, readTime } from '../../daemon/trust/certificate/der.js'
import { realFile } from '../vectors/real-file.js'
import { ecKey, makeCertificate, rsaKey } from './make-certificate.js'
import * as tac from './tac-cluster.js'

/** node-forge reads the same certificates with none of our code. */
const { asn1 } = forge

const fromFile = (bytes: Uint8Array): Uint8Array[] =>
  decodeCtlFile(bytes).records.flatMap((record) => certificateOf(record) ?? [])

const certificates = [
  ...fromFile(realFile()),
  tac.publisher.der,
  tac.newPublisher.der,
  tac.firstToken.der,
  makeCertificate({ subject: [['CN', 'ec']], key: ecKey(), serial: '00ff01' }),
  makeCertificate({ subject: [['CN', 'Zoë ☎']], key: rsaKey(1024), serial: '7f' }),
]

interface Reading {
  readonly serial: string
  readonly names: readonly string[]
  readonly times: readonly number[]
  readonly keyInfo: string
  readonly signature: string
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function ours(der: Uint8Array): Reading | undefined {
  try {
    const parts = readCertificateParts(der)
    return {
      serial: hex(parts.serialBytes),
      names: [...parts.issuerName, ...parts.subjectName]
        .flat()
        .map(({ type, encoded }) => type + hex(encoded)),
      times: [parts.notBefore.getTime(), parts.notAfter.getTime()],
      keyInfo: hex(parts.publicKeyInfo),
      signature: hex(parts.signature),
    }
  } catch {
    return undefined
  }
}

type Node = forge.asn1.Asn1
const inside = (node: Node | undefined): Node[] => node?.value as Node[]
const latin1 = (node: Node | undefined): string => hex(Buffer.from(node?.value as string, 'latin1'))
const written = (node: Node | undefined): string => forge.util.bytesToHex(asn1.toDer(node as Node).getBytes())

function readTree(der: Uint8Array): Node {
  // @types/node-forge 1.3.14 knows the older form of the second argument only.
  const options = { strict: true, parseAllBytes: true, decodeBitStrings: false }
  return asn1.fromDer(Buffer.from(der).toString('latin1'), options as never)
}

function forgeTime(node: Node | undefined): number {
  const text = node?.value as string
  const isShort = node?.type === asn1.Type.UTCTIME
  return (isShort ? asn1.utcTimeToDate(text) : asn1.generalizedTimeToDate(text)).getTime()
}

function forgeReads(der: Uint8Array): Reading {
  const [body, , signature] = inside(readTree(der))
  const fields = inside(body)
  const versioned = fields[0]?.tagClass === asn1.Class.CONTEXT_SPECIFIC
  const [serial, , issuer, validity, subject, keyInfo] = fields.slice(versioned ? 1 : 0)
  const attributes = [...inside(issuer), ...inside(subject)].flatMap(inside)
  return {
    serial: latin1(serial),
    names: attributes.map((attribute) => {
      const [type, value] = inside(attribute)
      return asn1.derToOid(type?.value as string) + written(value)
    }),
    times: inside(validity).map(forgeTime),
    keyInfo: written(keyInfo),
    signature: latin1(signature).slice(2),
  }
}

test('certificates are read as node-forge reads them', (t) => {
  for (const der of certificates) t.deepEqual(ours(der), forgeReads(der))
})

test('a changed certificate that is accepted is read as node-forge reads it', (t) => {
  const anyCertificate = fc.constantFrom(...certificates)
  // node-forge takes the number of a UCS-2 string for one in every class, and writes it otherwise than it read it.
  const byte = fc.nat(255).filter((value) => (value & 0x1f) !== derType.bmpString)
  const change = fc.record({ at: fc.nat(), byte })
  let accepted = 0
  fc.assert(
    fc.property(anyCertificate, fc.array(change, { minLength: 1, maxLength: 3 }), (der, changes) => {
      const changed = Uint8Array.from(der)
      for (const { at, byte } of changes) changed[at % changed.length] = byte
      const reading = ours(changed)
      if (reading === undefined) return
      accepted++
      t.deepEqual(reading, forgeReads(changed))
    }),
    { numRuns: 4000 },
  )
  t.true(accepted > 400, `${accepted} accepted`)
})

/** What node-forge, or the few lines around it here, do not look at. */
const ourOwnReasons =
  /a time can|a tag has more|object identifier|not where it should be|made of sets|holds no text|end at a byte/

test('what node-forge accepts and we refuse is no DER, or no certificate', (t) => {
  let refusals = 0
  for (const der of certificates) {
    for (let at = 0; at < der.length; at++) {
      const changed = Uint8Array.from(der)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      if (ours(changed) !== undefined) continue
      refusals++
      const why = t.throws(() => readCertificateParts(changed))?.message ?? ''
      if (forgeKeepsBytes(changed) && !ourOwnReasons.test(why)) t.fail(`${at}: ${why}`)
    }
  }
  t.true(refusals > 100)
})

/** Whether node-forge reads the bytes and writes the same ones, as it does with DER. */
function forgeKeepsBytes(der: Uint8Array): boolean {
  try {
    return written(readTree(der)) === hex(der)
  } catch {
    return false
  }
}

const refused: ReadonlyArray<readonly [string, RegExp]> = [
  ['', /ends too early/],
  ['30', /ends too early/],
  ['3003020101ff', /bytes follow/],
  ['30800201010000', /not in the form of DER/],
  ['308103020101', /shortest form/],
  ['30820003020101', /shortest form/],
  ['308500000000030201', /not in the form of DER/],
  ['3003020201', /ends too early/],
  ['1f810101', /more than one byte/],
]

for (const [bytes, why] of refused) {
  test(`${bytes || 'nothing'} is no DER`, (t) => {
    t.throws(() => readDer(Buffer.from(bytes, 'hex')), { message: why })
  })
}

test('values nested without end are refused before the stack is', (t) => {
  const nested = (levels: number): Uint8Array => {
    let value: number[] = []
    for (let level = 0; level < levels; level++) {
      const size = value.length
      value = size < 128 ? [0x30, size, ...value] : [0x30, 0x82, size >> 8, size & 255, ...value]
      if (size >= 128 && size < 256) value = [0x30, 0x81, size, ...value.slice(4)]
    }
    return Uint8Array.from(value)
  }
  t.notThrows(() => readDer(nested(60)))
  t.throws(() => readDer(nested(70)), { message: /nested too deep/ })
})

test('object identifiers are read, those of the second root as well', (t) => {
  t.is(readOid(Buffer.from('550403', 'hex')), '2.5.4.3')
  t.is(readOid(Buffer.from('2a864886f70d010101', 'hex')), '1.2.840.113549.1.1.1')
  // 2.999 is the example of X.660.
  t.is(readOid(Buffer.from('8837', 'hex')), '2.999')
  t.throws(() => readOid(Buffer.from('5584', 'hex')))
  t.throws(() => readOid(new Uint8Array()))
})

const times: ReadonlyArray<readonly [number, string, string | undefined]> = [
  [derType.utcTime, '491231235959Z', '2049-12-31T23:59:59.000Z'],
  [derType.utcTime, '500101000000Z', '1950-01-01T00:00:00.000Z'],
  [derType.utcTime, '1503062156Z', '2015-03-06T21:56:00.000Z'],
  [derType.utcTime, '150306215607+0100', '2015-03-06T20:56:07.000Z'],
  [derType.generalizedTime, '20500101000000Z', '2050-01-01T00:00:00.000Z'],
  [derType.generalizedTime, '99991231235959Z', '9999-12-31T23:59:59.000Z'],
  [derType.utcTime, '150230000000Z', undefined],
  [derType.utcTime, '151301000000Z', undefined],
  [derType.utcTime, '150101240000Z', undefined],
  [derType.utcTime, '150101000060Z', undefined],
  [derType.utcTime, '150101000000', undefined],
]

for (const [identifier, text, expected] of times) {
  test(`the time ${text} is ${expected ?? 'none'}`, (t) => {
    const value = readDer(Buffer.concat([Buffer.of(identifier, text.length), Buffer.from(text)]))
    if (expected === undefined) t.throws(() => readTime(value))
    else t.is(readTime(value).toISOString(), expected)
  })
}

test('a name in UCS-2, as Windows writes it, is read', (t) => {
  const key = rsaKey(1024)
  const plain = makeCertificate({ subject: [['CN', 'abcd']], key, serial: '01' })
  const wide = Uint8Array.from(plain)
  for (;;) {
    const next = Buffer.from(wide).indexOf(Buffer.from('0c0461626364', 'hex'))
    if (next < 0) break
    wide.set([derType.bmpString, 4, 0x00, 0x41, 0x26, 0x0e], next)
  }
  t.is(readCertificateParts(wide).subjectName[0]?.[0]?.value, 'A☎')
})
