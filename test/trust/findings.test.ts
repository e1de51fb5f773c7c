import { createHash, generateKeyPairSync } from 'node:crypto'
import test from 'ava'
import fc from 'fast-check'
import { CtlError } from '../../daemon/ctl/ctl-error.js'
import type { CtlFile, CtlRecord } from '../../daemon/ctl/ctl-field.js'
import { decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { readCertificateParts } from '../../daemon/trust/certificate/certificate-parts.js'
import { composeCtl, type NewRecord } from '../../daemon/trust/compose/compose-ctl.js'
import { describeDiff } from '../../daemon/trust/diff/describe-diff.js'
import { type FindingCode, findingTable } from '../../daemon/trust/verify/finding-table.js'
import { parseRelease, rulesOf } from '../../daemon/trust/verify/sast-by-release.js'
import { type VerifyOptions, verifyCtlFile } from '../../daemon/trust/verify/verify-ctl-file.js'
import { makeCertificate, type Name, rsaKey } from './make-certificate.js'
import { issue } from './openssl-authority.js'
import { added, changed, isTag, resign, without, withRecords } from './resign.js'
import type { Holder } from './tac-cluster.js'

function holder(name: string, bits = 2048, notAfter = new Date('2035-01-01Z')): Holder {
  const subject: Name = [
    ['C', 'PL'],
    ['O', 'Cisco'],
    ['CN', name],
  ]
  const key = rsaKey(bits, name)
  return { key, der: makeCertificate({ subject, key, serial: '70caf648', notAfter, length: 1200 }) }
}
const pub = holder('pub')
const recovery = holder('ITLRECOVERY_pub')
const capf = holder('CAPF-1')
const token = holder('SAST-1')
const anotherToken = holder('SAST-2')

const server = ({ der }: Holder, role: number, dnsName = 'pub'): NewRecord => ({
  certificate: der,
  kind: 'server',
  function: role,
  dnsName,
  ipAddress: Uint8Array.of(10, 48, 47, 153),
})
function draftOf(signer: Holder, records: NewRecord[], fileName = 'CTLFile.tlv'): Uint8Array {
  const profile = 'cucm-cli'
  return composeCtl({
    profile,
    digest: 'sha1',
    timestamp: 1_400_000_000,
    signer: signer.der,
    records,
    fileName,
  })
}
/** A tokenless CTL of 10.5(2), with nothing to remark. */
const clean = [server(pub, 0), server(recovery, 0), server(pub, 2), server(capf, 4)]
const draft = draftOf(pub, clean)
const [signerRecord, , , capfRecord] = decodeCtlFile(draft).records

interface Case {
  readonly bytes: Uint8Array
  readonly options?: VerifyOptions
  readonly record?: number
}

const same = (file: CtlFile): CtlFile => file
const after = (change: (file: CtlFile) => CtlFile): Uint8Array => resign(draft, change, pub.key)
const plus = (...records: NewRecord[]): Uint8Array =>
  resign(draftOf(pub, [...clean, ...records]), same, pub.key)
const plusRecord = (record: CtlRecord): Uint8Array => after(withRecords(record))
const of = (signer: Holder, ...records: NewRecord[]): Uint8Array =>
  resign(draftOf(signer, records), same, signer.key)
const release = (text: string): VerifyOptions => {
  const parsed = parseRelease(text)
  const rules = parsed && rulesOf(parsed)
  return rules === undefined ? {} : { release: rules }
}
const roots = (...holders: Holder[]): VerifyOptions => ({
  roots: holders.map(({ der }) => readCertificateParts(der)),
})
const text = (content: string): Uint8Array => Buffer.from(`${content}\0`)

const authority = issue({ subject: '/O=Test/CN=Authority', authority: true })

/** A certificate that this reader takes and OpenSSL does not: its extension has an INTEGER in place of the BOOLEAN. */
function strangeCertificate(): Uint8Array {
  const subject: Name = [['CN', 'strange']]
  for (let length = 800; length < 1100; length++) {
    try {
      const der = makeCertificate({ subject, key: rsaKey(2048, 'strange'), serial: '01', length })
      const at = Buffer.from(der).indexOf(Buffer.from([0x01, 0x01, 0xff]))
      if (at >= 0) return der.fill(0x02, at, at + 1)
    } catch {
      // Not every length can be made.
    }
  }
  throw new Error('no certificate with a BOOLEAN can be made')
}

const cases: Readonly<Record<FindingCode, () => Case>> = {
  CERTIFICATE_EXPIRED: () => ({ bytes: after(same), options: { at: new Date('2035-01-02') }, record: 4 }),
  CERTIFICATE_EXPIRES_SOON: () => ({
    bytes: after(same),
    options: { at: new Date('2034-10-04') },
    record: 4,
  }),
  CERTIFICATE_NOT_YET_VALID: () => ({
    bytes: after(same),
    options: { at: new Date('2014-12-31') },
    record: 4,
  }),
  CERTIFICATE_HASH_BROKEN: () => ({
    bytes: plus(server(issue({ subject: '/CN=a', hash: 'md5' }), 7)),
    record: 5,
  }),
  CERTIFICATE_HASH_OLD: () => ({
    bytes: plus(server(issue({ subject: '/CN=a', hash: 'sha1' }), 7)),
    record: 5,
  }),
  CERTIFICATE_SIGNATURE_WRONG: () => {
    const damaged = Uint8Array.from(capf.der)
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1
    return { bytes: plus(server({ ...capf, der: damaged }, 7)), options: roots(authority), record: 5 }
  },
  CHAIN_ISSUER_NOT_GIVEN: () => ({
    bytes: plus(server(issue({ subject: '/CN=leaf' }, authority), 7)),
    options: { roots: [] },
    record: 5,
  }),
  CHAIN_NOT_CHECKED: () => ({
    bytes: plus(server({ ...pub, der: strangeCertificate() }, 7)),
    options: { roots: [] },
    record: 5,
  }),
  CHAIN_SELF_SIGNED: () => ({ bytes: after(same), options: roots(authority), record: 4 }),
  FIELD_UNKNOWN: () => ({ bytes: plusRecord(added(capfRecord, 77, Uint8Array.of(1))), record: 5 }),
  FILE_OVER_SIZE_CEILING: () => ({
    bytes: after(withRecords(...Array.from({ length: 60 }, () => capfRecord ?? { fields: [] }))),
  }),
  FUNCTION_UNKNOWN: () => ({ bytes: plusRecord(changed(capfRecord, 4, Uint8Array.of(0, 99))), record: 5 }),
  KEY_SHORT: () => ({ bytes: plus(server(holder('short', 1024), 7)), record: 5 }),
  KEY_BREAKABLE: () => ({ bytes: plus(server(holder('tiny', 512), 7)), record: 5 }),
  KEY_KIND_UNUSUAL: () => {
    const key = generateKeyPairSync('ed25519')
    const der = makeCertificate({ subject: [['CN', 'ed']], key, issuerKey: pub.key, serial: '01' })
    return { bytes: plus(server({ key, der }, 7)), record: 5 }
  },
  ONE_SAST_ONLY: () => ({ bytes: of(pub, server(pub, 0), server(pub, 2), server(capf, 4)) }),
  RECORD_DUPLICATE: () => ({ bytes: plusRecord(capfRecord ?? { fields: [] }), record: 5 }),
  RECORD_HASH_DIFFERS: () => ({ bytes: plusRecord(added(capfRecord, 11, new Uint8Array(20))), record: 5 }),
  RECORD_INCOMPLETE: () => ({ bytes: plusRecord(without(capfRecord, 5)), record: 5 }),
  RECORD_NAME_DIFFERS: () => ({
    bytes: plusRecord(changed(capfRecord, 3, text('CN=CAPF-2;O=Cisco;C=PL'))),
    record: 5,
  }),
  RECORD_SIGNATURE_DIFFERS: () => ({
    bytes: plusRecord(changed(capfRecord, 8, new Uint8Array(256).fill(1))),
    record: 5,
  }),
  RELEASE_HAS_NO_SUCH_CTL: () => ({ bytes: after(same), options: release('9.1(2)') }),
  RELEASE_NOT_APPLIED: () => ({
    bytes: resign(draftOf(pub, clean, 'ITLFile.tlv'), same, pub.key),
    options: release('10.5(2)'),
  }),
  RELEASE_SAST_MISSING: () => ({
    bytes: of(token, server(token, 0), server(pub, 2), server(capf, 4)),
    options: release('10.0(1)'),
  }),
  RELEASE_SAST_ORDER: () => ({
    bytes: of(pub, server(recovery, 0), server(pub, 0), server(pub, 2), server(capf, 4)),
    options: release('10.5(2)'),
  }),
  RELEASE_SAST_UNEXPECTED: () => ({ bytes: after(same), options: release('10.0(1)'), record: 2 }),
  RELEASE_SIGNER_DIFFERS: () => ({ bytes: after(same), options: release('12.0(1)'), record: 1 }),
  ROLE_DUPLICATE: () => ({ bytes: plus(server(holder('CAPF-2'), 4, 'sub')), record: 5 }),
  ROLE_MISSING: () => ({
    bytes: of(pub, server(pub, 0), server(recovery, 0), server(pub, 2)),
    options: release('10.5(2)'),
  }),
  SAME_ADDRESS_OTHER_CERTIFICATE: () => ({ bytes: plus(server(token, 2)), record: 5 }),
  SIGNER_NAME_DIFFERS: () => ({
    bytes: after((file) => ({
      ...file,
      records: [changed(signerRecord, 3, text('CN=x')), ...file.records.slice(1)],
    })),
    record: 1,
  }),
  SIGNER_NOT_FIRST: () => ({
    bytes: of(pub, server(recovery, 0), server(pub, 0), server(pub, 2)),
    record: 2,
  }),
  STUB_BESIDE_CERTIFICATES: () => ({
    bytes: plusRecord({ fields: [{ kind: 'value', tag: 4, value: Uint8Array.of(0, 2) }] }),
    record: 5,
  }),
  TEXT_UNPRINTABLE: () => ({ bytes: plusRecord(changed(capfRecord, 2, text('\x1b[2Jpub'))), record: 5 }),
  TIMESTAMP_IN_FUTURE: () => ({ bytes: after(same), options: { at: new Date('2014-05-13T16:53:19Z') } }),
  TIMESTAMP_MISSING: () => ({
    bytes: after((file) => ({ ...file, header: file.header.filter((field) => !isTag(field, 15)) })),
  }),
}

test('a file with nothing to remark has no finding at its time, release and roots', (t) => {
  const options = { at: new Date('2026-01-01'), ...release('10.5(2)'), ...roots(pub, recovery, capf) }
  t.deepEqual(verifyCtlFile(after(same), options).findings, [])
})

for (const [code, make] of Object.entries(cases) as [FindingCode, () => Case][]) {
  test(`${code} is found, in a file that is valid`, (t) => {
    const { bytes, options = {}, record } = make()
    const verdict = verifyCtlFile(bytes, options)
    t.is(verdict.verdict, 'valid', verdict.problem?.detail)
    const found = verdict.findings.filter((finding) => finding.code === code)
    t.true(found.length > 0, verdict.findings.map((finding) => finding.code).join())
    t.is(found.at(-1)?.record, record)
    t.is(found[0]?.severity, findingTable[code].severity)
    t.is(found[0]?.remedy, findingTable[code].remedy)
  })
}

test('meanings, remedies and details are sentences', (t) => {
  for (const [code, { meaning, remedy }] of Object.entries(findingTable)) {
    t.regex(code, /^[A-Z]+(_[A-Z0-9]+)*$/)
    t.regex(meaning, /^[A-Z].*\.$/, code)
    t.regex(remedy, /^[A-Z].*\.$/, code)
  }
  for (const make of Object.values(cases)) {
    const { bytes, options = {} } = make()
    for (const { detail } of verifyCtlFile(bytes, options).findings) t.regex(detail, /^[A-Z].*[.]$/)
  }
})

test('a name in any of the known renderings is the certificate’s, any other is not', (t) => {
  const known = [
    'CN=CAPF-1;O=Cisco;C=PL',
    'cn=CAPF-1;o=Cisco;c=PL',
    'C=PL,O=Cisco,CN=CAPF-1',
    'CN=CAPF-1,O=Cisco,C=PL',
  ]
  const names = (content: string) =>
    [3, 5].map((tag) => {
      const { findings } = verifyCtlFile(plusRecord(changed(capfRecord, tag, text(content))))
      return findings.filter(({ code }) => code === 'RECORD_NAME_DIFFERS').map((finding) => finding.tag)
    })
  for (const content of known) t.deepEqual(names(content), [[], []], content)
  for (const content of ['CN=CAPF-1', 'CN=CAPF-1;C=PL;O=Cisco', 'CN=CAPF-1;O=Cisco;C=PL ', '']) {
    t.deepEqual(names(content), [[3], [5]], content)
  }
})

test('both texts are in the detail of a name, cut when they are endless', (t) => {
  const long = `CN=${'x'.repeat(60_000)}`
  const [found] = verifyCtlFile(plusRecord(changed(capfRecord, 3, text(long)))).findings.filter(
    ({ code }) => code === 'RECORD_NAME_DIFFERS',
  )
  t.regex(found?.detail ?? '', /“CN=xxx.*CN=CAPF-1,O=Cisco,C=PL”/)
  t.true((found?.detail.length ?? 0) < 700)
})

test('a hash of the certificate is right by any known algorithm, and wrong by one bit', (t) => {
  for (const algorithm of ['md5', 'sha1', 'sha256', 'sha384', 'sha512']) {
    const right = createHash(algorithm).update(capf.der).digest()
    const codes = (value: Uint8Array) =>
      verifyCtlFile(plusRecord(added(capfRecord, 11, value))).findings.map((f) => f.code)
    t.false(codes(right).includes('RECORD_HASH_DIFFERS'), algorithm)
    right[0] = (right[0] ?? 0) ^ 1
    t.true(codes(right).includes('RECORD_HASH_DIFFERS'), algorithm)
  }
})

test('tokens of a release may be more than two, and count by certificate', (t) => {
  const tokens = of(
    token,
    server(token, 0),
    server(anotherToken, 0),
    server(recovery, 0),
    server(pub, 0),
    ...clean.slice(2),
  )
  const codes = (bytes: Uint8Array, text: string) =>
    verifyCtlFile(bytes, release(text)).findings.map(({ code, detail }) => `${code} ${detail}`)
  t.deepEqual(codes(tokens, '12.5'), [])
  t.deepEqual(codes(tokens, '10.5(2)'), [
    'RELEASE_SAST_UNEXPECTED This is ITLRecovery.',
    'RELEASE_SAST_UNEXPECTED This is CallManager.',
  ])
  t.regex(
    codes(tokens, '14')[0] ?? '',
    /^RELEASE_HAS_NO_SUCH_CTL Cisco does not support token CTLs from CUCM 14 on/,
  )
  const third = of(
    token,
    ...[token, anotherToken, holder('SAST-3')].map((one) => server(one, 0)),
    ...clean.slice(2),
  )
  t.deepEqual(codes(third, '9.1(2)'), [])
  const twice = of(token, server(token, 0), server(token, 0), ...clean.slice(2))
  t.true(codes(twice, '9.1(2)').includes('RELEASE_SAST_MISSING A token is missing.'))
})

test('whatever the bytes are, all findings together throw nothing', (t) => {
  const options = { at: new Date('2026-01-01'), ...release('12.5'), ...roots(pub, authority) }
  const file = after(same)
  const change = fc.record({ at: fc.nat(file.length), put: fc.uint8Array({ minLength: 1, maxLength: 3 }) })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = Uint8Array.from(file)
      for (const { at, put } of changes) bytes.set(put.subarray(0, bytes.length - at), at)
      const { verdict, problem, problems } = verifyCtlFile(bytes, options)
      t.is(verdict === 'valid', problems.length === 0)
      t.is(problem, problems[0])
      try {
        describeDiff(file, bytes)
      } catch (error) {
        t.true(error instanceof CtlError)
      }
    }),
    { numRuns: 500 },
  )
})
