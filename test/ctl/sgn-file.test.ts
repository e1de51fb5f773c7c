import test from 'ava'
import fc from 'fast-check'
import { type ComposeSgnRequest, composeSgnFile } from '../../daemon/ctl/compose-sgn.js'
import { CtlError } from '../../daemon/ctl/ctl-error.js'
import {
  decodeSgnFile,
  encodeSgnFile,
  encryptionOf,
  isUnsignedSgn,
  MAX_SGN_BYTES,
  takeSgnToBeSigned,
} from '../../daemon/ctl/sgn-file.js'
import { takeToBeSigned } from '../../daemon/ctl/to-be-signed.js'
import { realFile } from '../vectors/real-file.js'

const xml = Buffer.from('<device><fullConfig>true</fullConfig></device>\n')
const request = (changed: Partial<ComposeSgnRequest> = {}): ComposeSgnRequest => ({
  layout: 'certutils',
  digest: 'sha1',
  timestamp: 1_425_675_365,
  fileName: 'SEP001122334455.cnf.xml.sgn',
  signer: { name: 'CN=A', issuer: 'CN=B', serial: Uint8Array.of(1, 2), modulusBytes: 128 },
  payload: xml,
  ...changed,
})

/** A reader of its own: tags of the header with their values, and what follows. */
function walk(file: Uint8Array): { tags: Map<number, Uint8Array>; payload: Uint8Array } {
  const u16 = (at: number): number => ((file[at] ?? 0) << 8) + (file[at + 1] ?? 0)
  const end = u16(8)
  const tags = new Map<number, Uint8Array>()
  for (let at = 0; at < end; ) {
    const tag = file[at] ?? 0
    if (tag === 13) {
      at += 1
      continue
    }
    const length = u16(at + 1)
    tags.set(tag, file.slice(at + 3, at + 3 + length))
    at += [3, 7, 9].includes(tag) ? 3 : 3 + length
  }
  return { tags, payload: file.slice(end) }
}

test('a composed file is what an independent walk over its bytes finds', (t) => {
  const { tags, payload } = walk(composeSgnFile(request({ digest: 'sha512' })))
  t.deepEqual(Buffer.from(payload), xml)
  // certutils: 3 {4, 5, 6} in the order of CUCM, version 1.0, no tag 28.
  t.deepEqual([...tags.keys()], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15])
  const text = (tag: number) => Buffer.from(tags.get(tag) ?? []).toString('latin1')
  t.deepEqual([...(tags.get(1) ?? [])], [1, 0])
  t.is(text(4), 'CN=A\0')
  t.is(text(6), 'CN=B\0')
  t.is(text(14), 'SEP001122334455.cnf.xml.sgn\0')
  t.deepEqual([...(tags.get(8) ?? [])], [3])
  t.deepEqual([...(tags.get(11) ?? [])], [1])
  t.true((tags.get(12) ?? []).length === 128 && (tags.get(12) ?? []).every((byte) => byte === 0))
  t.deepEqual([...(tags.get(15) ?? [])], [0x54, 0xfa, 0x14, 0x65])
})

test('the header ends on a boundary of four bytes and its length counts the signature', (t) => {
  for (const fileName of ['a', 'ab', 'abc', 'abcd']) {
    const file = composeSgnFile(request({ fileName }))
    const length = ((file[8] ?? 0) << 8) + (file[9] ?? 0)
    t.is(length % 4, 0)
    t.is(file.length, length + xml.length)
  }
})

test('what is to be signed is header and payload without the signature record', (t) => {
  const file = composeSgnFile(request())
  const at = 10 + 3 + (3 + 5) + (3 + 2) + (3 + 5) + 18
  t.is(file[at], 12)
  const expected = Buffer.concat([file.subarray(0, at), file.subarray(at + 3 + 128)])
  t.deepEqual(Buffer.from(takeSgnToBeSigned(file)), expected)
  t.true(isUnsignedSgn(file))
})

test('any payload comes back byte for byte', (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.constantFrom('certutils', 'cucm'),
      (payload, layout) => {
        const composed = composeSgnFile(request({ payload, layout: layout as 'cucm' }))
        const file = decodeSgnFile(composed)
        t.deepEqual(file.payload, payload)
        t.deepEqual(encodeSgnFile(file), composed)
      },
    ),
  )
})

test('the header is read by the same reader as that of a CTL: every damage has a place', (t) => {
  const file = composeSgnFile(request())
  for (let end = 0; end < file.length - xml.length; end++) {
    const error = t.throws(() => decodeSgnFile(file.subarray(0, end)), { instanceOf: CtlError })
    t.true((error?.place.offset ?? -1) >= 0)
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      try {
        t.deepEqual(Buffer.from(encodeSgnFile(decodeSgnFile(bytes))), Buffer.from(bytes))
      } catch (error) {
        t.true(error instanceof CtlError)
      }
    }),
  )
})

test('a file larger than a CTL may be is read, one over the limit is not', (t) => {
  const payload = new Uint8Array(3 * 1024 * 1024).fill(120)
  t.is(decodeSgnFile(composeSgnFile(request({ payload }))).payload.length, payload.length)
  const over = new Uint8Array(MAX_SGN_BYTES).fill(120)
  t.throws(() => composeSgnFile(request({ payload: over })), { code: 'CTL_TOO_LARGE' })
  t.throws(() => decodeSgnFile(new Uint8Array(MAX_SGN_BYTES + 1)), { code: 'CTL_TOO_LARGE' })
})

test('nothing is signed as a configuration that would be a CTL', (t) => {
  const real = realFile()
  const header = ((real[8] ?? 0) << 8) + (real[9] ?? 0)
  const records = real.subarray(header)
  t.throws(() => composeSgnFile(request({ payload: records, layout: 'cucm' })), {
    code: 'SGN_PAYLOAD_REFUSED',
  })
  t.throws(() => composeSgnFile(request({ payload: new Uint8Array() })), { code: 'SGN_PAYLOAD_REFUSED' })
  for (const fileName of ['CTLFile.tlv', 'ITLSEP001122334455.TLV', 'CTLFile.tlv.sgn']) {
    t.throws(() => composeSgnFile(request({ fileName })), { code: 'SGN_PAYLOAD_REFUSED' })
  }
})

test('a name is that of a file of TFTP', (t) => {
  for (const fileName of ['', '.', '..', '.hidden', 'a/b', 'a\\b', 'a b', 'a\u001b', 'é', 'x'.repeat(201)]) {
    t.throws(
      () => composeSgnFile(request({ fileName })),
      { code: 'SGN_NAME_WRONG' },
      JSON.stringify(fileName),
    )
  }
  t.notThrows(() => composeSgnFile(request({ fileName: 'x'.repeat(200) })))
})

test('encrypted files are told by their name, their version and their tags', (t) => {
  const file = decodeSgnFile(composeSgnFile(request()))
  t.is(encryptionOf(file), undefined)
  t.is(encryptionOf(file, 'SEP001122334455.cnf.xml.sgn'), undefined)
  t.is(encryptionOf(file, 'SEP001122334455.cnf.xml.enc.sgn'), 'name')
  t.is(encryptionOf({ ...file, version: { major: 2, minor: 0 } }), 'header')
  // An encrypted header as certutils writes it: version 2.0 and 16 with more inside, behind the timestamp.
  const encrypted = encodeSgnFile({
    ...file,
    version: { major: 2, minor: 0 },
    header: [...file.header, { kind: 'value', tag: 16, value: Uint8Array.of(17, 0, 1, 0) }],
  })
  t.is(encryptionOf(decodeSgnFile(encrypted), 'a.cnf.xml.sgn'), 'header')
  t.throws(() => composeSgnFile(request({ fileName: 'SEP001122334455.cnf.xml.enc.sgn' })), {
    code: 'SGN_ENCRYPTED',
  })
})

test('a CTL has the same header, and the same bytes to be signed', (t) => {
  const real = realFile()
  const file = decodeSgnFile(real)
  t.is(`${file.version.major}.${file.version.minor}`, '1.2')
  t.deepEqual(Buffer.from(encodeSgnFile(file)), Buffer.from(real))
  t.deepEqual(Buffer.from(takeSgnToBeSigned(real)), Buffer.from(takeToBeSigned(real)))
})
