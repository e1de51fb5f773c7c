import test from 'ava'
import { composeCtl } from '../../daemon/trust/compose/compose-ctl.js'
import { type Composition, type CompositionRequest, compose } from '../../daemon/trust/compose/composition.js'
import type { BaseRecord, WantedRecord } from '../../daemon/trust/compose/wanted-record.js'
import * as raw from '../ctl/raw-file.js'
import { refusal } from '../ctl/refusals.js'
import { makeCertificate, rsaKey } from './make-certificate.js'
import { opensslSays } from './openssl-says.js'
import { fieldBytes, readCtl } from './read-tlv.js'
import * as tac from './tac-cluster.js'

const NOW = new Date('2016-01-01Z')
const atPublisher = { dnsName: 'cucm-1051-a-pub', ipAddress: Uint8Array.of(10, 48, 47, 153) }
const server = (holder: tac.Holder, role: number): WantedRecord => ({
  certificate: holder.der,
  kind: 'server',
  function: role,
  ...atPublisher,
})
const token = (holder: tac.Holder): WantedRecord => ({ certificate: holder.der, kind: 'token', function: 0 })

const recoveryKey = rsaKey(2048, 'ITLRecovery')
const recovery: tac.Holder = {
  key: recoveryKey,
  der: makeCertificate({
    subject: [
      ['O', 'Cisco'],
      ['CN', 'ITLRECOVERY_cucm-1051-a-pub'],
    ],
    key: recoveryKey,
    serial: '55',
  }),
}

/** A tokenless file: publisher twice, CAPF, subscriber. */
const tokenless = tac.signDraft(
  composeCtl({
    profile: 'cucm-cli',
    digest: 'sha1',
    timestamp: 1_400_000_000,
    signer: tac.publisher.der,
    records: [
      server(tac.publisher, 0),
      server(tac.publisher, 2),
      server(tac.capf, 4),
      {
        ...server(tac.subscriber, 2),
        dnsName: 'cucm-1051-a-sub1',
        ipAddress: Uint8Array.of(10, 48, 47, 154),
      },
    ],
  }),
  tac.publisher.key,
  'sha1',
)

const kept = (...numbers: number[]): BaseRecord[] => numbers.map((base) => ({ base, layout: 'own' }))
const change = (part: Partial<CompositionRequest>): Composition =>
  compose(
    { base: tokenless, timestamp: 1_450_000_000, keepHeader: true, records: kept(1, 2, 3, 4), ...part },
    NOW,
  )
const codes = ({ findings }: Composition): string[] => findings.map(({ code }) => code)
const changes = ({ rows }: Composition): string[] =>
  rows.map(({ number = '-', was = '+', change: what, fields }) => [number, was, what, ...fields].join(' '))

test('records that are not touched keep their bytes when others come, go, change and move', (t) => {
  const made = change({
    records: [
      ...kept(4, 1),
      { base: 3, layout: 'own', replacement: tac.newPublisher.der },
      server(tac.newPublisher, 21),
    ],
  })
  const before = readCtl(tokenless).records
  const after = readCtl(made.draft).records
  t.deepEqual(after[0]?.bytes, before[3]?.bytes)
  t.deepEqual(after[1]?.bytes, before[0]?.bytes)
  t.deepEqual(changes(made), [
    '1 4 kept',
    '2 1 kept',
    '3 3 changed SUBJECTNAME ISSUERNAME SERIALNUMBER PUBLICKEY SIGNATURE CERTIFICATE',
    '4 + new',
    '- 2 removed',
  ])
  t.deepEqual(fieldBytes(after[2]?.fields ?? [], 9), Buffer.from(tac.newPublisher.der))
  t.deepEqual(fieldBytes(after[2]?.fields ?? [], 2), fieldBytes(before[2]?.fields ?? [], 2))
})

/** A file with everything that no document names: odd padding, tag 28 of 1.1, tag 99, odd order in records. */
function oddFile(): Uint8Array {
  const { records } = readCtl(tokenless)
  const [sast, publisher] = records.map(({ fields }) => fields)
  const tlvs = (fields: typeof sast, order: readonly number[]) =>
    order.flatMap((tag) => raw.tlv(tag, fields === undefined ? [] : (fieldBytes(fields, tag) ?? [])))
  const { header } = readCtl(tokenless)
  const head = raw.bytes(
    13,
    raw.tlv(28, [1, 1]),
    raw.tlv(99, 'kept'),
    raw.tlv(3, ...[5, 4, 6].map((tag) => raw.tlv(tag, fieldBytes(header, tag) ?? []))),
    raw.signatureInfo(),
    [13, 0, 0],
    raw.tlv(12, new Uint8Array(128)),
    raw.fileName(),
    raw.timestamp(),
    13,
  )
  const odd = raw.bytes(
    raw.record(raw.bytes(tlvs(publisher, [9, 8, 7, 4, 3, 5, 6, 10, 2]), raw.tlv(77, 'x'), raw.tlv(77, 'y'))),
    raw.record(tlvs(sast, [4, 3, 2, 5, 6, 7, 8, 9, 10])),
  )
  return raw.file(head, odd)
}

test('tag 28, tags that nobody documents, odd padding and odd order survive an edit', (t) => {
  const base = oddFile()
  const made = compose(
    {
      base,
      timestamp: 1_450_000_000,
      keepHeader: true,
      digest: 'sha512',
      records: [
        ...kept(2),
        { base: 1, layout: 'own', dnsName: 'other', ipAddress: Uint8Array.of(10, 0, 0, 9) },
        server(tac.newPublisher, 21),
      ],
    },
    NOW,
  )
  const before = readCtl(base)
  const after = readCtl(made.draft)
  const tags = (fields: readonly { tag: number }[]) => fields.map(({ tag }) => tag)
  t.deepEqual(tags(after.header), tags(before.header))
  t.deepEqual(fieldBytes(after.header, 28), Buffer.from([1, 1]))
  t.deepEqual(fieldBytes(after.header, 99), Buffer.from('kept'))
  t.deepEqual(fieldBytes(after.header, 8), Buffer.from([3]))
  t.is(after.headerLength, before.headerLength)
  t.deepEqual(after.records[0]?.bytes, before.records[1]?.bytes)
  const changed = after.records[1]?.fields ?? []
  t.deepEqual(tags(changed), tags(before.records[0]?.fields ?? []))
  t.deepEqual(
    changed.filter(({ tag }) => tag === 77).map(({ value }) => value.toString()),
    ['x', 'y'],
  )
  t.deepEqual(fieldBytes(changed, 2), Buffer.from('other\0'))
  t.deepEqual(fieldBytes(changed, 10), Buffer.from([10, 0, 0, 9]))
  const signed = tac.signDraft(made.draft, tac.publisher.key, 'sha512')
  t.is(opensslSays(signed, tac.publisher.der, 'sha512'), 'Verified OK')
})

test('the usual padding fits a signer of another size', (t) => {
  const made = change({ records: [token(tac.firstToken), ...kept(1, 2, 3, 4)], signer: tac.firstToken.der })
  t.is(readCtl(made.draft).headerLength % 4, 0)
  const large = change({ records: [server(recovery, 0), ...kept(1, 2)], signer: recovery.der })
  t.is(readCtl(large.draft).headerLength % 4, 0)
  t.is(fieldBytes(readCtl(large.draft).header, 12)?.length, 256)
})

test('a server that is named by its address gets a new one in both fields', (t) => {
  const base = composeCtl({
    profile: 'ctl-client',
    digest: 'sha1',
    timestamp: 1,
    signer: tac.firstToken.der,
    records: [token(tac.firstToken), { ...server(tac.publisher, 2), dnsName: '10.48.47.153' }],
  })
  const ipAddress = Uint8Array.of(10, 1, 2, 3)
  const made = change({ base, records: [...kept(1), { base: 2, layout: 'own', ipAddress }] })
  const [, record] = readCtl(made.draft).records
  t.is(fieldBytes(record?.fields ?? [], 2)?.toString(), '10.1.2.3\0')
  t.deepEqual(changes(made), ['1 1 kept', '2 2 changed DNSNAME IPADDRESS'])
})

test('an address has no place in a file of certutils', (t) => {
  const base = composeCtl({
    profile: 'certutils',
    digest: 'sha1',
    timestamp: 1,
    signer: tac.publisher.der,
    records: [server(tac.publisher, 0)],
  })
  const records: WantedRecord[] = [{ base: 1, layout: 'own', dnsName: 'a' }]
  t.is(refusal(t, () => change({ base, records }), 'CTL_NOT_ENCODABLE').place.record, 1)
})

test('a record with a hash of its certificate is not given another certificate', (t) => {
  const [sast] = readCtl(tokenless).records
  const hashed = raw.record([...(sast?.bytes.subarray(5) ?? []), ...raw.tlv(11, [1, 2, 3])])
  const { header } = readCtl(tokenless)
  const id = raw.tlv(3, ...[4, 5, 6].map((tag) => raw.tlv(tag, fieldBytes(header, tag) ?? [])))
  const base = raw.file(
    raw.bytes(id, raw.signatureInfo(), raw.tlv(12, new Uint8Array(128)), raw.fileName(), raw.timestamp()),
    hashed,
  )
  const records: WantedRecord[] = [{ base: 1, layout: 'own', replacement: tac.newPublisher.der }]
  const attempt = () => change({ base, records, signer: tac.newPublisher.der })
  t.is(refusal(t, attempt, 'CTL_NOT_ENCODABLE').place.tag, 11)
  t.notThrows(() => change({ base, records: kept(1) }))
})

test('without a signer of its own an edit keeps the one of the base, and says when it is gone', (t) => {
  t.deepEqual(codes(change({})), ['ONE_SAST_ONLY'])
  const removed = { records: [token(tac.firstToken), ...kept(2, 3, 4)] }
  t.regex(refusal(t, () => change(removed), 'CTL_SIGNER_MISSING').message, /record 1, is no SAST any more/)
  const replaced = { records: [{ base: 1, layout: 'own', replacement: recovery.der } as const, ...kept(2)] }
  refusal(t, () => change(replaced), 'CTL_SIGNER_MISSING')
  refusal(t, () => change({ records: kept(2, 3) }), 'CTL_SIGNER_MISSING')
  t.true(codes(change({ ...removed, signer: tac.firstToken.der })).includes('SIGNER_NEW'))
})

test('what a change brings for phones and people is said', (t) => {
  const dropped = change({ records: [token(tac.firstToken), ...kept(2, 3, 4)], signer: tac.firstToken.der })
  t.deepEqual(codes(dropped), ['ONE_SAST_ONLY', 'SIGNER_NEW', 'SAST_DROPPED'])
  const half = change({
    records: [...kept(1), { base: 2, layout: 'own', replacement: tac.newPublisher.der }],
  })
  t.true(codes(half).includes('OLD_CERTIFICATE_STAYS'))
  t.true(codes(change({ timestamp: 1_400_000_000 })).includes('TIMESTAMP_NOT_LATER'))
  const mixed = change({
    profile: 'ctl-client',
    records: [token(tac.firstToken), ...kept(1, 2)],
  })
  t.true(codes(mixed).includes('MIXED_LAYOUT'))
  const odd = compose(
    {
      base: oddFile(),
      timestamp: 1_450_000_000,
      keepHeader: true,
      records: [{ base: 1, layout: 'own', replacement: tac.newPublisher.der }, ...kept(2)],
    },
    NOW,
  )
  t.true(codes(odd).includes('UNKNOWN_TAGS_KEPT'))
})

test('a record that says what another says is refused, and the base’s own are left in peace', (t) => {
  const twice = { records: [...kept(1, 2, 3), server(tac.capf, 4)] }
  t.is(refusal(t, () => change(twice), 'CTL_RECORD_DUPLICATE').place.record, 4)
  const forced = change({ ...twice, force: true })
  t.true(codes(forced).includes('DUPLICATE_RECORD'))
  t.true(codes(change({ base: forced.draft, records: kept(1, 2, 3, 4) })).includes('DUPLICATE_RECORD'))
  const sast = { records: [...kept(1, 2), { ...server(tac.publisher, 0), dnsName: 'elsewhere' }] }
  refusal(t, () => change(sast), 'CTL_RECORD_DUPLICATE')
  // One certificate for several servers is usual since CUCM 10.5.
  const elsewhere = { ...server(tac.publisher, 2), ipAddress: Uint8Array.of(10, 48, 47, 154) }
  t.notThrows(() => change({ records: [...kept(1, 2), elsewhere] }))
  const stub = { stub: { function: 2, ...atPublisher } }
  refusal(t, () => change({ records: [...kept(1), stub, stub] }), 'CTL_RECORD_DUPLICATE')
})

test('more than 64 KiB is refused, and written only when it is forced', (t) => {
  const many = Array.from({ length: 60 }, (_, index) => ({
    ...server(tac.publisher, 2),
    ipAddress: Uint8Array.of(10, 0, 1, index),
  }))
  const request = { records: [...kept(1), ...many] }
  refusal(t, () => change(request), 'CTL_OVER_CEILING')
  const forced = change({ ...request, force: true })
  t.true(forced.draft.length > 65_536)
  t.true(codes(forced).includes('FILE_OVER_SIZE_CEILING'))
})

test('a field that does not fit its length is refused with its record', (t) => {
  const dnsName = 'x'.repeat(65_535)
  const long: WantedRecord = { base: 2, layout: 'own', dnsName }
  refusal(t, () => change({ records: [...kept(1), long] }), 'CTL_NOT_ENCODABLE')
})

const tokens = [token(tac.firstToken), token(tac.secondToken)]
const sastNames = ({ rows }: Composition): string[] =>
  rows
    .filter(({ function: role, number }) => role === 0 && number !== undefined)
    .map(({ name }) => name.slice(0, 16))

test('the SAST records stand in the order of the release, the signer first', (t) => {
  const given = [server(recovery, 0), ...tokens]
  const release = (text: string, part: Partial<CompositionRequest> = {}) =>
    change({ mode: 'token', release: text, records: [...given, ...kept(1, 2, 3, 4)], ...part })
  const names = ['cn="SAST-ADN0085', 'cn="SAST-ADN0054', 'CN=ITLRECOVERY_c', 'CN=cucm-1051-a-p']
  t.deepEqual(sastNames(release('12.5(1)')), names)
  t.false(codes(release('12.5(1)')).includes('SAST_UNEXPECTED'))
  const second = release('12.5(1)', { signer: tac.secondToken.der })
  t.deepEqual(sastNames(second).slice(0, 2), ['cn="SAST-ADN0054', 'cn="SAST-ADN0085'])
  t.is(
    second.rows.findIndex(({ signs }) => signs),
    0,
  )
  t.deepEqual(sastNames(release('9.1(2)')).slice(0, 2), names.slice(0, 2))
  t.is(codes(release('9.1(2)')).filter((code) => code === 'SAST_UNEXPECTED').length, 2)
  const cli = change({
    mode: 'tokenless',
    release: '12.0',
    records: [server(recovery, 0), ...kept(1, 2, 3, 4)],
  })
  t.deepEqual(sastNames(cli), ['CN=ITLRECOVERY_c', 'CN=cucm-1051-a-p'])
  t.true(cli.rows[0]?.signs)
  const eleven = {
    mode: 'tokenless',
    release: '11.5',
    records: [server(recovery, 0), ...kept(1, 2, 3)],
  } as const
  t.deepEqual(sastNames(change(eleven)), ['CN=cucm-1051-a-p', 'CN=ITLRECOVERY_c'])
})

test('CallManager becomes SAST where one server only can be meant', (t) => {
  const one = change({ mode: 'tokenless', release: '10.0', records: kept(2, 3) })
  t.deepEqual(sastNames(one), ['CN=cucm-1051-a-p'])
  t.true(one.rows[0]?.signs)
  const several = { mode: 'tokenless', release: '10.0', records: kept(2, 3, 4) } as const
  t.regex(refusal(t, () => change(several), 'CTL_RELEASE_RULE').message, /which server is the publisher/)
})

test('a release that has no such file is refused, also by force', (t) => {
  const records = [...tokens, ...kept(2, 3)]
  for (const [mode, release] of [
    ['token', '14'],
    ['token', '15SU1'],
    ['non-secure', '14SU3'],
    ['tokenless', '9.1(2)'],
    ['token', '7.1'],
    ['token', 'ten'],
  ] as const) {
    refusal(t, () => change({ mode, release, records, force: true }), 'CTL_RELEASE_RULE')
  }
})

test('a release that asks for more than was given is refused, and told when it is forced', (t) => {
  const oneToken = {
    mode: 'token',
    release: '10.5(1)',
    records: [token(tac.firstToken), ...kept(2)],
  } as const
  t.regex(refusal(t, () => change(oneToken), 'CTL_RELEASE_RULE').message, /2 tokens/)
  t.true(codes(change({ ...oneToken, force: true })).includes('RELEASE_RULE_BROKEN'))
  const noRecovery = { mode: 'token', release: '12.5', records: [...tokens, ...kept(1, 2)] } as const
  t.regex(refusal(t, () => change(noRecovery), 'CTL_RELEASE_RULE').message, /ITLRecovery/)
  const otherSigner = {
    mode: 'tokenless',
    release: '12.5',
    records: [server(recovery, 0), ...kept(1, 2)],
    signer: tac.publisher.der,
  } as const
  t.regex(refusal(t, () => change(otherSigner), 'CTL_RELEASE_RULE').message, /signed by ITLRecovery/)
})

test('a non-secure file has stubs for its servers, and CAPF keeps its certificate', (t) => {
  const made = change({
    mode: 'non-secure',
    profile: 'ctl-client',
    keepHeader: false,
    records: [...tokens, ...[2, 3, 4].map((base) => ({ base, layout: 'profile' as const }))],
    signer: tac.firstToken.der,
  })
  const { records } = readCtl(made.draft)
  // TAC 118893: 33 bytes for a server, 1004 for CAPF, 1186 for a token.
  t.deepEqual(
    records.map(({ length }) => length),
    [1186, 1186, 33, 1004, 33],
  )
  t.deepEqual(
    records[2]?.fields.map(({ tag }) => tag),
    [1, 2, 4, 10],
  )
  const nameless = { certificate: tac.subscriber.der, kind: 'server', function: 2, dnsName: 'a' } as const
  const attempt = () =>
    change({ mode: 'non-secure', records: [...tokens, nameless], signer: tac.firstToken.der })
  refusal(t, attempt, 'CTL_SERVER_ADDRESS_NEEDED')
})

test('a stub gets a certificate, in the order of the profile', (t) => {
  const stub = { stub: { function: 2, ...atPublisher } }
  const base = change({ records: [...kept(1), stub] }).draft
  const made = change({
    base,
    records: [...kept(1), { base: 2, layout: 'own', replacement: tac.publisher.der }],
  })
  const [, record] = readCtl(made.draft).records
  t.deepEqual(
    record?.fields.map(({ tag }) => tag),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  )
})

test('a token that is replaced is written as tokens are', (t) => {
  const base = change({
    profile: 'ctl-client',
    records: [...tokens, ...[2, 3].map((number) => ({ base: number }))],
    signer: tac.firstToken.der,
  }).draft
  const third = tac.sastToken('SAST-ADN0000third', '0102030405060708090a')
  const records: WantedRecord[] = [
    ...kept(1),
    { base: 2, layout: 'own', replacement: third.der },
    ...kept(3, 4),
  ]
  const [, record] = readCtl(change({ base, records }).draft).records
  t.regex(
    fieldBytes(record?.fields ?? [], 3)?.toString() ?? '',
    /^cn="SAST-ADN0000third {8}";ou=IPCBU;o="Cisco Systems\0$/,
  )
  t.is(fieldBytes(record?.fields ?? [], 6)?.toString('hex'), '0a090807060504030201')
})
