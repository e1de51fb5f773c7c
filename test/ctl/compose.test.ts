import test from 'ava'
import { type ComposeRecord, type ComposeRequest, composeCtlFile } from '../../daemon/ctl/compose.js'
import type { CtlRecord } from '../../daemon/ctl/ctl-field.js'
import { decodeCtlFile, encodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { recordText, recordValue } from '../../daemon/ctl/record-fields.js'
import * as raw from './raw-file.js'
import { refusal } from './refusals.js'

const { bytes, tlv } = raw
const fields = {
  subject: 'CN=A',
  issuer: 'CN=B',
  serial: Uint8Array.of(1, 2),
  publicKey: Uint8Array.of(3),
  certificateSignature: Uint8Array.of(8),
  certificate: Uint8Array.of(9, 9),
}
const sast: ComposeRecord = { kind: 'certificate', function: 0, fields, dnsName: 'a' }
const signer = { name: 'CN=A', issuer: 'CN=B', serial: fields.serial, modulusBytes: 128 }
const request = (part: Partial<ComposeRequest> = {}): ComposeRequest => ({
  profile: 'cucm-cli',
  digest: 'sha1',
  signer,
  timestamp: 0x54fa0217,
  records: [sast],
  ...part,
})

const recordsOf = (part: Partial<ComposeRequest>): readonly CtlRecord[] =>
  decodeCtlFile(composeCtlFile(request(part))).records
const tagsOf = (record: CtlRecord | undefined): number[] =>
  record?.fields.flatMap((field) => (field.kind === 'value' ? [field.tag] : [])) ?? []
const decodedRecord = (...parts: number[][]): CtlRecord => {
  const [record] = decodeCtlFile(raw.file(raw.usualHeader(), raw.record(parts.flat()))).records
  if (record === undefined) throw new Error('the file has no record')
  return record
}

/** A server's record as a CLI writes it, with an unknown tag in the middle. */
const server = (ip = [10, 48, 47, 153], ...extra: number[][]): CtlRecord =>
  decodedRecord(
    tlv(2, 'pub\0'),
    tlv(3, [0x43, 0xe9, 0]),
    tlv(77, 'x'),
    tlv(4, [0, 2]),
    tlv(5, 'CN=I\0'),
    tlv(6, [6]),
    tlv(7, [7]),
    tlv(8, [8]),
    tlv(9, [9]),
    tlv(10, ip),
    ...extra,
  )

test('each profile lays the header out in its own way', (t) => {
  const head = (profile: ComposeRequest['profile']) => composeCtlFile(request({ profile })).subarray(10)
  const tail = bytes(raw.signatureInfo(), tlv(12, new Uint8Array(128)), raw.fileName(), raw.timestamp())
  const cisco = bytes(raw.signerId(), tail)
  for (const profile of ['ctl-client', 'cucm-cli'] as const) {
    t.deepEqual([...head(profile).subarray(0, cisco.length)], cisco)
  }
  const certutils = bytes(tlv(28, [1, 0]), tlv(3, tlv(4, 'CN=A\0'), tlv(6, 'CN=B\0'), tlv(5, [1, 2])), tail)
  t.deepEqual([...head('certutils').subarray(0, certutils.length)], certutils)
})

test('the header is padded with lone bytes to a multiple of 4', (t) => {
  for (const fileName of ['a', 'ab', 'abc', 'abcd']) {
    const file = decodeCtlFile(composeCtlFile(request({ fileName })))
    const pads = file.header.filter((field) => field.kind === 'padding')
    t.true(pads.length < 4 && pads.every((pad) => pad.form === 'lone'))
    const bytes = composeCtlFile(request({ fileName }))
    t.is(((bytes[8] ?? 0) * 256 + (bytes[9] ?? 0)) % 4, 0)
  }
})

test('each profile writes its own tags in its own order', (t) => {
  const tags = (profile: ComposeRequest['profile']) => tagsOf(recordsOf({ profile })[0])
  t.deepEqual(tags('ctl-client'), [2, 3, 4, 5, 6, 7, 9, 10])
  t.deepEqual(tags('cucm-cli'), [2, 3, 4, 5, 6, 7, 8, 9, 10])
  t.deepEqual(tags('certutils'), [3, 5, 6, 4, 7, 8, 9])
})

test('a record in the layout of the profile is copied byte for byte', (t) => {
  const records = recordsOf({ records: [sast, { kind: 'copy', record: server() }] })
  t.deepEqual(records[1], server())
})

test('a record for another profile keeps its values, and unknown tags come last', (t) => {
  const [, copy] = recordsOf({ profile: 'ctl-client', records: [sast, { kind: 'copy', record: server() }] })
  t.deepEqual(
    copy,
    decodedRecord(
      tlv(2, '10.48.47.153\0'),
      tlv(3, [0x43, 0xe9, 0]),
      tlv(4, [0, 2]),
      tlv(5, 'CN=I\0'),
      tlv(6, [6]),
      tlv(7, [7]),
      tlv(9, [9]),
      tlv(10, [10, 48, 47, 153]),
      tlv(77, 'x'),
    ),
  )
})

test('a server whose address is not known is refused with its number, and the caller may give it', (t) => {
  const unknown = { kind: 'copy', record: server([0, 0, 0, 0]) } as const
  const error = refusal(
    t,
    () => recordsOf({ profile: 'ctl-client', records: [sast, unknown] }),
    'CTL_SERVER_ADDRESS_NEEDED',
  )
  t.is(error.place.record, 2)
  const given = [
    { ...unknown, dnsName: '10.0.0.9' },
    { ...unknown, ipAddress: Uint8Array.of(10, 0, 0, 9) },
  ]
  for (const record of given) {
    const [, copy] = recordsOf({ profile: 'ctl-client', records: [sast, record] })
    t.is(copy && recordText(copy, 2), '10.0.0.9')
    t.deepEqual(copy && recordValue(copy, 10), Uint8Array.of(10, 0, 0, 9))
  }
})

test('a token is named by a single NUL by the CTL Client, and has no address', (t) => {
  const [token] = recordsOf({
    profile: 'ctl-client',
    records: [{ kind: 'certificate', function: 0, fields }],
  })
  t.deepEqual(token && recordValue(token, 2), Uint8Array.of(0))
  t.deepEqual(token && recordValue(token, 10), Uint8Array.of(0, 0, 0, 0))
})

test("a record without its certificate's signature needs it for the CLI's profile", (t) => {
  const record = decodedRecord(tlv(2, 'a\0'), tlv(3, 'S\0'), tlv(4, [0, 2]), tlv(9, [9]))
  const error = refusal(
    t,
    () => recordsOf({ records: [sast, { kind: 'copy', record }] }),
    'CTL_FIELD_MISSING',
  )
  t.deepEqual(error.place, { record: 2, tag: 8 })
  const certificateSignature = Uint8Array.of(5)
  const [, copy] = recordsOf({ records: [sast, { kind: 'copy', record, certificateSignature }] })
  t.deepEqual(tagsOf(copy), [2, 3, 4, 8, 9, 10])
})

test('the record of a non-secure server has 33 bytes, and is copied as it is', (t) => {
  const ipAddress = Uint8Array.of(10, 48, 47, 153)
  const stub = { kind: 'stub', function: 2, dnsName: '10.48.47.153', ipAddress } as const
  const [, written] = recordsOf({ profile: 'ctl-client', records: [sast, stub] })
  const original = decodeCtlFile(raw.file(raw.usualHeader())).records[0]
  t.is(raw.stub().length, 33)
  t.deepEqual(written, original)
  if (original === undefined) return t.fail()
  for (const profile of ['ctl-client', 'cucm-cli'] as const) {
    t.deepEqual(recordsOf({ profile, records: [sast, { kind: 'copy', record: original }] })[1], original)
  }
  refusal(t, () => recordsOf({ profile: 'certutils', records: [sast, stub] }), 'CTL_NOT_ENCODABLE')
})

test('a key that the format has no code for is refused', (t) => {
  for (const modulusBytes of [64, 127, 192, 384, 1024]) {
    const attempt = () => composeCtlFile(request({ signer: { ...signer, modulusBytes } }))
    refusal(t, attempt, 'CTL_SIGNER_KEY_UNSUPPORTED')
  }
  for (const modulusBytes of [128, 256, 512]) {
    t.notThrows(() => composeCtlFile(request({ signer: { ...signer, modulusBytes } })))
  }
})

test('a signer that no SAST record names is refused', (t) => {
  const asked = (part: Partial<typeof signer>) => () =>
    composeCtlFile(request({ signer: { ...signer, ...part } }))
  refusal(t, asked({ name: 'CN=X' }), 'CTL_SIGNER_MISSING')
  refusal(t, asked({ issuer: 'CN=X' }), 'CTL_SIGNER_MISSING')
  refusal(t, asked({ serial: Uint8Array.of(2, 1) }), 'CTL_SIGNER_MISSING')
  const notSast = { kind: 'certificate', function: 2, fields, dnsName: 'a' } as const
  refusal(t, () => composeCtlFile(request({ records: [notSast] })), 'CTL_SIGNER_MISSING')
})

test('what cannot be written is refused', (t) => {
  refusal(t, () => composeCtlFile(request({ timestamp: 2 ** 32 })), 'CTL_NOT_ENCODABLE')
  refusal(t, () => composeCtlFile(request({ timestamp: -1 })), 'CTL_NOT_ENCODABLE')
  refusal(t, () => composeCtlFile(request({ fileName: 'a\0b' })), 'CTL_TEXT_WRONG')
  const large = { ...fields, certificate: new Uint8Array(65_530) }
  const records: ComposeRecord[] = [sast, { kind: 'certificate', function: 2, fields: large, dnsName: 'b' }]
  t.is(refusal(t, () => composeCtlFile(request({ records })), 'CTL_NOT_ENCODABLE').place.record, 2)
  refusal(t, () => composeCtlFile(request({ records: [{ ...sast, function: 65_536 }] })), 'CTL_NOT_ENCODABLE')
  const ipAddress = Uint8Array.of(1, 2, 3)
  refusal(t, () => composeCtlFile(request({ records: [{ ...sast, ipAddress }] })), 'CTL_LENGTH_WRONG')
})

test('a draft is complete: it decodes, and encodes to the same bytes', (t) => {
  for (const profile of ['ctl-client', 'cucm-cli', 'certutils'] as const) {
    const draft = composeCtlFile(request({ profile, digest: 'sha512' }))
    t.deepEqual(encodeCtlFile(decodeCtlFile(draft)), Uint8Array.from(draft))
  }
})
