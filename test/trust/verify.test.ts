import test from 'ava'
import fc from 'fast-check'
import { composeCtlFile } from '../../daemon/ctl/compose.js'
import type { CtlErrorCode } from '../../daemon/ctl/ctl-error.js'
import type { CtlFile, CtlRecord } from '../../daemon/ctl/ctl-field.js'
import { decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { asSignature, insertSignature, isUnsignedCtl } from '../../daemon/ctl/to-be-signed.js'
import { composeCtl, type NewRecord } from '../../daemon/trust/compose/compose-ctl.js'
import { verifyCtlFile } from '../../daemon/trust/verify/verify-ctl-file.js'
import { ecKey, type KeyPair, makeCertificate, rsaKey } from './make-certificate.js'
import { changed, isTag, resign, without, withRecords } from './resign.js'
import * as tac from './tac-cluster.js'

const server = (der: Uint8Array, role: number): NewRecord => ({
  certificate: der,
  kind: 'server',
  function: role,
  dnsName: 'pub',
})
const draftOf = (...records: NewRecord[]) =>
  composeCtl({
    profile: 'cucm-cli',
    digest: 'sha1',
    timestamp: 1,
    signer: tac.publisher.der,
    records: [server(tac.publisher.der, 0), ...records],
  })
const draft = draftOf(server(tac.publisher.der, 2), server(tac.capf.der, 4))
const good = tac.signDraft(draft, tac.publisher.key, 'sha1')

const resigned = (change: (file: CtlFile) => CtlFile, key: KeyPair = tac.publisher.key, digest = 'sha1') =>
  resign(draft, change, key, digest)
const [signerRecord, , capfRecord] = decodeCtlFile(draft).records

test('a signed file is valid, and a publisher that stands there twice does no harm', (t) => {
  const verdict = verifyCtlFile(good)
  t.is(verdict.verdict, 'valid')
  t.is(verdict.problem, undefined)
  t.is(verdict.signer?.record, 1)
  t.is(verdict.signer?.keyBits, 1024)
})

test('the same SAST record twice does no harm', (t) => {
  if (signerRecord === undefined) return t.fail()
  t.is(verifyCtlFile(resigned(withRecords(signerRecord))).verdict, 'valid')
})

test('a file signed with SHA-256 is valid', (t) => {
  const setDigest = (file: CtlFile): CtlFile => ({
    ...file,
    header: file.header.map((field) =>
      field.kind === 'container' && field.tag === 7
        ? {
            ...field,
            fields: field.fields.map((inner) =>
              isTag(inner, 8) ? { kind: 'value', tag: 8, value: Uint8Array.of(2) } : inner,
            ),
          }
        : field,
    ),
  })
  const verdict = verifyCtlFile(resigned(setDigest, tac.publisher.key, 'sha256'))
  t.is(verdict.verdict, 'valid')
  t.is(verdict.digest, 'sha256')
  t.is(verifyCtlFile(resigned(setDigest)).problem?.code, 'CTL_SIGNATURE_WRONG')
})

test('a file with an EC certificate among its records is valid', (t) => {
  const der = makeCertificate({ subject: [['CN', 'ec']], key: ecKey(), serial: '0a' })
  const file = tac.signDraft(draftOf(server(der, 2)), tac.publisher.key, 'sha1')
  t.is(verifyCtlFile(file).verdict, 'valid')
})

test('a record of a non-secure server needs no certificate', (t) => {
  const stub: CtlRecord = { fields: [{ kind: 'value', tag: 4, value: Uint8Array.of(0, 2) }] }
  t.is(verifyCtlFile(resigned(withRecords(stub))).verdict, 'valid')
})

test('a draft is said to be unsigned', (t) => {
  const verdict = verifyCtlFile(draft)
  t.is(verdict.problem?.code, 'CTL_UNSIGNED')
  t.is(verdict.signer?.record, 1)
})

test("a signature by another key is refused, and the file's signer is named", (t) => {
  const verdict = verifyCtlFile(tac.signDraft(draft, tac.capf.key, 'sha1'))
  t.is(verdict.problem?.code, 'CTL_SIGNATURE_WRONG')
  t.is(verdict.signer?.record, 1)
})

const twin = makeCertificate({
  subject: [['CN', 'twin']],
  key: rsaKey(1024, 'twin'),
  serial: '70caf648090751b9df22f49f754fc5bb',
})
const twinKey = rsaKey(1024, 'twin').publicKey.export({ type: 'pkcs1', format: 'der' })
const wrong: Record<string, [CtlErrorCode, (file: CtlFile) => CtlFile, number?]> = {
  'no SAST record of the signer': [
    'CTL_SIGNER_MISSING',
    (file) => ({ ...file, records: file.records.slice(1) }),
  ],
  'two SAST records with the serial of the signer and different certificates': [
    'CTL_SIGNER_AMBIGUOUS',
    withRecords(changed(changed(signerRecord, 9, twin), 7, twinKey)),
    4,
  ],
  'a SAST record without certificate': ['CTL_CERTIFICATE_MISSING', withRecords(without(signerRecord, 9)), 4],
  'a certificate that is no DER': [
    'CTL_CERTIFICATE_NOT_DER',
    withRecords(changed(capfRecord, 9, new Uint8Array(680))),
    4,
  ],
  "a public key that is not the certificate's": [
    'CTL_RECORD_MISMATCH',
    withRecords(changed(capfRecord, 7, new Uint8Array(twinKey))),
    4,
  ],
  "a serial that is not the certificate's": [
    'CTL_RECORD_MISMATCH',
    withRecords(changed(capfRecord, 6, Uint8Array.of(1, 2, 3))),
    4,
  ],
}

for (const [what, [code, change, record]] of Object.entries(wrong)) {
  test(`a file with ${what} is invalid, however well it is signed`, (t) => {
    const { verdict, problem } = verifyCtlFile(resigned(change))
    t.is(verdict, 'invalid')
    t.is(problem?.code, code)
    t.is(problem?.at.record, record)
  })
}

test('all that is wrong is listed, the first of it is the problem', (t) => {
  const key = new Uint8Array(twinKey)
  const bytes = resigned(
    withRecords(changed(changed(capfRecord, 7, key), 6, Uint8Array.of(1)), without(signerRecord, 9)),
    tac.capf.key,
  )
  const { problem, problems } = verifyCtlFile(bytes)
  t.deepEqual(
    problems.map(({ code, at }) => `${code} ${at.record} ${at.tag}`),
    [
      'CTL_RECORD_MISMATCH 4 7',
      'CTL_RECORD_MISMATCH 4 6',
      'CTL_CERTIFICATE_MISSING 5 undefined',
      'CTL_SIGNER_AMBIGUOUS 5 undefined',
    ],
  )
  t.is(problem, problems[0])
})

test('a certificate that is no DER is named by its offset', (t) => {
  const bytes = resigned(withRecords(changed(capfRecord, 9, new Uint8Array(680).fill(0xee))))
  t.is(verifyCtlFile(bytes).problem?.at.offset, Buffer.from(bytes).indexOf(Buffer.alloc(680, 0xee)))
})

test("a serial in the token's byte order is the certificate's too", (t) => {
  const serial = Uint8Array.from(Buffer.from('0123456789abcdef0123456789abcdef', 'hex').reverse())
  t.is(verifyCtlFile(resigned(withRecords(changed(capfRecord, 6, serial)))).verdict, 'valid')
})

test("a signature length that is not the signer's is refused", (t) => {
  const fields = { ...fieldsOfSigner(), modulusBytes: 256 }
  const bytes = composeCtlFile({
    profile: 'cucm-cli',
    digest: 'sha1',
    timestamp: 1,
    signer: fields,
    records: signerRecord ? [{ kind: 'copy', record: signerRecord }] : [],
  })
  const filled = insertSignature(bytes, asSignature(new Uint8Array(256).fill(1)))
  t.is(verifyCtlFile(filled).problem?.code, 'CTL_SIGNATURE_LENGTH')
})

function fieldsOfSigner() {
  const value = (tag: number) => {
    const field = signerRecord?.fields.find((candidate) => isTag(candidate, tag))
    return field?.kind === 'value' ? field.value : new Uint8Array()
  }
  return { name: value(3), issuer: value(5), serial: value(6) }
}

test('a signer whose key is not RSA is refused', (t) => {
  const key = ecKey()
  const der = makeCertificate({ subject: [['CN', 'ec']], key, serial: '0a' })
  const fields = {
    subject: 'CN=ec',
    issuer: 'CN=ec',
    serial: Uint8Array.of(10),
    publicKey: Uint8Array.of(...key.publicKey.export({ type: 'spki', format: 'der' }).subarray(-65)),
    certificateSignature: Uint8Array.of(1),
    certificate: der,
  }
  const bytes = composeCtlFile({
    profile: 'certutils',
    digest: 'sha1',
    timestamp: 1,
    signer: { name: 'CN=ec', issuer: 'CN=ec', serial: fields.serial, modulusBytes: 128 },
    records: [{ kind: 'certificate', function: 0, fields }],
  })
  t.is(verifyCtlFile(bytes).problem?.code, 'CTL_SIGNER_KEY_UNSUPPORTED')
})

test('findings name certificates out of their time, one SAST, no timestamp, another name, and the size', (t) => {
  const codes = (bytes: Uint8Array, at?: Date) =>
    verifyCtlFile(bytes, at && { at })
      .findings.filter(({ code }) => code !== 'KEY_SHORT')
      .map(({ code, record }) => (record ? `${code} ${record}` : code))
  t.deepEqual(codes(good), ['ONE_SAST_ONLY'])
  t.deepEqual(codes(good, new Date('2036-01-01')), [
    'ONE_SAST_ONLY',
    'CERTIFICATE_EXPIRED 1',
    'CERTIFICATE_EXPIRED 2',
    'CERTIFICATE_EXPIRED 3',
  ])
  t.true(codes(good, new Date('2014-01-01')).includes('CERTIFICATE_NOT_YET_VALID 3'))
  t.is(verifyCtlFile(good, { at: new Date('2036-01-01') }).verdict, 'valid')
  t.deepEqual(codes(tac.signDraft(draftOf(server(tac.capf.der, 0)), tac.publisher.key, 'sha1')), [])
  const noTime = resigned((file) => ({ ...file, header: file.header.filter((field) => !isTag(field, 15)) }))
  t.true(codes(noTime).includes('TIMESTAMP_MISSING'))
  const otherName = resigned((file) => ({
    ...file,
    records: [changed(signerRecord, 3, Uint8Array.of(65, 0)), ...file.records.slice(1)],
  }))
  t.true(codes(otherName).includes('SIGNER_NAME_DIFFERS 1'))
  const many = Array.from({ length: 60 }, () => capfRecord ?? { fields: [] })
  t.true(codes(resigned(withRecords(...many))).includes('FILE_OVER_SIZE_CEILING'))
})

test('a built file cut anywhere is invalid', (t) => {
  for (let length = 0; length < good.length; length++) {
    const { verdict, problem } = verifyCtlFile(good.subarray(0, length))
    if (verdict !== 'invalid' || problem === undefined) return t.fail(`accepted at ${length}`)
  }
  t.is(verifyCtlFile(good).verdict, 'valid')
})

test('whatever the bytes are, there is a verdict and no exception', (t) => {
  const change = fc.record({ at: fc.nat(good.length), drop: fc.nat(4), put: fc.uint8Array({ maxLength: 4 }) })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const bytes = [...good]
      for (const { at, drop, put } of changes) bytes.splice(at, drop, ...put)
      const same = Buffer.from(bytes).equals(good)
      return (verifyCtlFile(Uint8Array.from(bytes)).verdict === 'valid') === same
    }),
    { numRuns: 1000 },
  )
  t.true(isUnsignedCtl(draft))
})
