import test from 'ava'
import type { CtlErrorCode, CtlErrorPlace } from '../../daemon/ctl/ctl-error.js'
import { decodeCtlFile, encodeCtlFile, MAX_CTL_BYTES } from '../../daemon/ctl/ctl-file.js'
import * as header from '../../daemon/ctl/header-fields.js'
import * as raw from './raw-file.js'
import { refusal } from './refusals.js'

const { bytes, file, record, tlv, usualHeader } = raw

test('the facts of a header are read', (t) => {
  const decoded = decodeCtlFile(file(usualHeader()))
  t.is(header.digestOf(decoded), 'sha1')
  t.is(header.modulusBytesOf(decoded), 128)
  t.deepEqual(header.signatureOf(decoded), new Uint8Array(128).fill(7))
  t.is(header.fileNameOf(decoded), 'CTLFile.tlv')
  t.is(header.timestampOf(decoded), 0x54fa0217)
  t.is(header.signerVersionOf(decoded), undefined)
  t.deepEqual(header.signerIdOf(decoded), {
    name: Uint8Array.from(bytes('CN=A\0')),
    serial: Uint8Array.of(1, 2),
    issuer: Uint8Array.from(bytes('CN=B\0')),
  })
})

test('SHA-256 and SHA-512 are decoded, and the 64-byte modulus', (t) => {
  const digests = [2, 3].map((code) => {
    const head = bytes(raw.signerId(), raw.signatureInfo(code, 0), raw.signature(64))
    return header.digestOf(decodeCtlFile(file(head)))
  })
  t.deepEqual(digests, ['sha256', 'sha512'])
})

const survivors: Record<string, Uint8Array> = {
  'lone padding at the end of the header': file(usualHeader()),
  'padding in the form of a record': file(bytes(usualHeader(), [13, 0, 0])),
  'both kinds of padding, anywhere in the header': file(
    bytes(13, raw.signerId([13]), [13, 0, 0], [13, 13], raw.signatureInfo(), [13, 0, 0], raw.signature(), 13),
  ),
  'unknown tags in header, containers and records': file(
    bytes(
      tlv(200, 'x'),
      raw.signerId(tlv(201)),
      raw.signatureInfo(1, 1, 0, tlv(202, [1])),
      raw.signature(),
      tlv(200, 'y'),
    ),
    record(bytes(tlv(203, 'z'), tlv(4, [0, 9]), tlv(203), tlv(13, [1]))),
  ),
  'tag 28 before the signer, as certutils writes it': file(bytes(tlv(28, [1, 0]), usualHeader())),
  'a header whose fields stand in another order': file(
    bytes(raw.timestamp(), raw.signature(), raw.signatureInfo(), raw.fileName(), raw.signerId()),
  ),
  'a record whose fields stand in another order': file(
    usualHeader(),
    record(bytes(tlv(10, [1, 2, 3, 4]), tlv(4, [0, 2]), tlv(2, 'a\0'), tlv(12, [1]), tlv(11, [1]))),
  ),
  'a header without file name and time, and no record': file(
    bytes(raw.signerId(), raw.signatureInfo(), raw.signature()),
    [],
  ),
  'a name in Latin-1': file(usualHeader(), record(bytes(tlv(3, [0xe9, 0]), tlv(4, [0, 0])))),
}

for (const [what, original] of Object.entries(survivors)) {
  test(`${what} comes back byte for byte`, (t) => {
    t.deepEqual(encodeCtlFile(decodeCtlFile(original)), original)
  })
}

test('padding of both kinds is told apart', (t) => {
  const { header: fields } = decodeCtlFile(file(bytes(usualHeader(), [13, 0, 0])))
  t.deepEqual(fields.slice(-4), [
    { kind: 'padding', form: 'lone' },
    { kind: 'padding', form: 'lone' },
    { kind: 'padding', form: 'lone' },
    { kind: 'padding', form: 'record' },
  ])
})

interface Refused {
  input: Uint8Array
  code: CtlErrorCode
  place: CtlErrorPlace
}

const headerSize = usualHeader().length + 10
const signerEnd = 10 + raw.signerId().length
const signatureAt = signerEnd + raw.signatureInfo().length
const refused: Record<string, Refused> = {
  'an empty file': { input: new Uint8Array(), code: 'CTL_EMPTY', place: { offset: 0 } },
  'a file over the limit': {
    input: new Uint8Array(MAX_CTL_BYTES + 1).fill(1),
    code: 'CTL_TOO_LARGE',
    place: { offset: MAX_CTL_BYTES },
  },
  'a file of zeros': {
    input: new Uint8Array(500),
    code: 'CTL_FIELD_MISPLACED',
    place: { offset: 0, tag: 1 },
  },
  'a version length of 3': {
    input: Uint8Array.of(1, 0, 3, 1, 2, 0),
    code: 'CTL_LENGTH_WRONG',
    place: { offset: 2, tag: 1 },
  },
  'version 2.0': {
    input: Uint8Array.from(bytes(tlv(1, [2, 0]), tlv(2, [0, 10]))),
    code: 'CTL_VALUE_UNKNOWN',
    place: { offset: 3, tag: 1 },
  },
  'a header length that is not second': {
    input: Uint8Array.from(bytes(tlv(1, [1, 2]), tlv(28, [0, 15]), tlv(2, [0, 15]))),
    code: 'CTL_FIELD_MISPLACED',
    place: { offset: 5, tag: 2 },
  },
  'a header length below its own fields': {
    input: file(usualHeader(), raw.stub(), 9),
    code: 'CTL_LENGTH_LIES',
    place: { offset: 8, tag: 2 },
  },
  'a header longer than the file': {
    input: file(usualHeader(), raw.stub(), 60000),
    code: 'CTL_TRUNCATED',
    place: { offset: 8, tag: 2 },
  },
  'a header that ends inside its last field': {
    input: file(usualHeader(), raw.stub(), headerSize - 4),
    code: 'CTL_LENGTH_LIES',
    place: { offset: headerSize - 10, tag: 15 },
  },
  'a header that overlaps the first record': {
    input: file(usualHeader(), raw.stub(), headerSize + 5),
    code: 'CTL_FIELD_DUPLICATE',
    place: { offset: headerSize, tag: 1 },
  },
  'a header that ends inside the first record': {
    input: file(usualHeader(), raw.stub(), headerSize + 2),
    code: 'CTL_FIELD_DUPLICATE',
    place: { offset: headerSize, tag: 1 },
  },
  'a container that is longer than its fields': {
    input: file(bytes(tlv(3, tlv(4, 'A\0'), tlv(5, [1]), tlv(6, 'B\0'), [4, 0]), raw.signatureInfo())),
    code: 'CTL_FIELD_DUPLICATE',
    place: { offset: 27, tag: 4 },
  },
  'a container whose field sticks out': {
    input: file(bytes(tlv(3, [4, 0, 9, 65, 0]), raw.signatureInfo(), raw.signature())),
    code: 'CTL_CONTAINER_WRONG',
    place: { offset: 13, tag: 4 },
  },
  'an inner container that sticks out of the outer one': {
    input: file(bytes(raw.signerId(), tlv(7, tlv(8, [1]), [9, 0, 9, 10, 0, 1, 0]), raw.signature())),
    code: 'CTL_CONTAINER_WRONG',
    place: { offset: signerEnd + 7, tag: 9 },
  },
  'a signer without issuer': {
    input: file(bytes(tlv(3, tlv(4, 'A\0'), tlv(5, [1])), raw.signatureInfo(), raw.signature())),
    code: 'CTL_FIELD_MISSING',
    place: { offset: 13, tag: 6 },
  },
  'a header without signature': {
    input: file(bytes(raw.signerId(), raw.signatureInfo())),
    code: 'CTL_FIELD_MISSING',
    place: { offset: 10, tag: 12 },
  },
  'two signatures': {
    input: file(bytes(raw.signerId(), raw.signatureInfo(), raw.signature(), raw.signature())),
    code: 'CTL_FIELD_DUPLICATE',
    place: { offset: signatureAt + 131, tag: 12 },
  },
  'a signer name outside of its container': {
    input: file(bytes(tlv(4, 'A\0'), usualHeader())),
    code: 'CTL_FIELD_MISPLACED',
    place: { offset: 10, tag: 4 },
  },
  'tag 0 in the header': {
    input: file(bytes([0, 0, 0], usualHeader())),
    code: 'CTL_FIELD_MISPLACED',
    place: { offset: 10, tag: 0 },
  },
  'an unknown digest': {
    input: file(bytes(raw.signerId(), raw.signatureInfo(4), raw.signature())),
    code: 'CTL_VALUE_UNKNOWN',
    place: { offset: signerEnd + 6, tag: 8 },
  },
  'an unknown signature algorithm': {
    input: file(bytes(raw.signerId(), raw.signatureInfo(1, 1, 1), raw.signature())),
    code: 'CTL_VALUE_UNKNOWN',
    place: { offset: signerEnd + 13, tag: 10 },
  },
  'an unknown modulus': {
    input: file(bytes(raw.signerId(), raw.signatureInfo(1, 4), raw.signature())),
    code: 'CTL_VALUE_UNKNOWN',
    place: { offset: signerEnd + 17, tag: 11 },
  },
  'a signature of another length than the modulus': {
    input: file(bytes(raw.signerId(), raw.signatureInfo(1, 2), raw.signature(128))),
    code: 'CTL_LENGTH_WRONG',
    place: { offset: signatureAt + 3, tag: 12 },
  },
  'a time of three bytes': {
    input: file(bytes(tlv(15, [1, 2, 3]), usualHeader())),
    code: 'CTL_LENGTH_WRONG',
    place: { offset: 10, tag: 15 },
  },
  'a file name without its NUL': {
    input: file(bytes(tlv(14, 'CTLFile.tlv'), usualHeader())),
    code: 'CTL_TEXT_WRONG',
    place: { offset: 10, tag: 14 },
  },
  'bytes after the last record': {
    input: file(usualHeader(), bytes(raw.stub(), 9)),
    code: 'CTL_TRAILING_BYTES',
    place: { offset: headerSize + 33 },
  },
  'zeros after the last record': {
    input: file(usualHeader(), bytes(raw.stub(), [0, 0, 0, 0])),
    code: 'CTL_TRAILING_BYTES',
    place: { offset: headerSize + 33 },
  },
  'a record that is longer than the file': {
    input: file(usualHeader(), record(tlv(4, [0, 2]), 11)),
    code: 'CTL_TRUNCATED',
    place: { offset: headerSize, record: 1, tag: 1 },
  },
  'a record that is shorter than its own length field': {
    input: file(usualHeader(), record(tlv(4, [0, 2]), 4)),
    code: 'CTL_LENGTH_LIES',
    place: { offset: headerSize, record: 1, tag: 1 },
  },
  'a record length of three bytes': {
    input: file(usualHeader(), bytes(tlv(1, [0, 0, 11]), tlv(4, [0, 2]))),
    code: 'CTL_LENGTH_WRONG',
    place: { offset: headerSize, record: 1, tag: 1 },
  },
  'a record whose field sticks out into the next one': {
    input: file(usualHeader(), bytes(record(bytes(tlv(4, [0, 2]), [9, 0, 20])), raw.stub())),
    code: 'CTL_LENGTH_LIES',
    place: { offset: headerSize + 10, record: 1, tag: 9 },
  },
  'a record that says its length twice': {
    input: file(usualHeader(), record(bytes(tlv(4, [0, 2]), tlv(1, [0, 9])))),
    code: 'CTL_FIELD_DUPLICATE',
    place: { offset: headerSize + 10, record: 1, tag: 1 },
  },
  'a record with two certificates': {
    input: file(usualHeader(), bytes(raw.stub(), record(bytes(tlv(9, [1]), tlv(4, [0, 2]), tlv(9, [1]))))),
    code: 'CTL_FIELD_DUPLICATE',
    place: { offset: headerSize + 33 + 14, record: 2, tag: 9 },
  },
  'a record without a function': {
    input: file(usualHeader(), record(tlv(2, 'a\0'))),
    code: 'CTL_FIELD_MISSING',
    place: { offset: headerSize + 5, record: 1, tag: 4 },
  },
  'a name with a NUL inside': {
    input: file(usualHeader(), record(bytes(tlv(3, 'CN=a\0b\0'), tlv(4, [0, 2])))),
    code: 'CTL_TEXT_WRONG',
    place: { offset: headerSize + 5, record: 1, tag: 3 },
  },
  'an address of five bytes': {
    input: file(usualHeader(), record(bytes(tlv(4, [0, 2]), tlv(10, [1, 2, 3, 4, 5])))),
    code: 'CTL_LENGTH_WRONG',
    place: { offset: headerSize + 10, record: 1, tag: 10 },
  },
  'a certificate of no bytes': {
    input: file(usualHeader(), record(bytes(tlv(4, [0, 2]), tlv(9)))),
    code: 'CTL_LENGTH_WRONG',
    place: { offset: headerSize + 10, record: 1, tag: 9 },
  },
}

for (const [what, { input, code, place }] of Object.entries(refused)) {
  test(`${what} is refused where it stands`, (t) => {
    const error = refusal(t, () => decodeCtlFile(input), code)
    t.deepEqual(error.place, place)
  })
}

test('a file of 100 MB is refused without a look inside', (t) => {
  const large = new Uint8Array(100 * 1024 * 1024)
  const reads: string[] = []
  const watched = new Proxy(large, {
    get(target, key) {
      reads.push(String(key))
      return Reflect.get(target, key, target)
    },
  })
  refusal(t, () => decodeCtlFile(watched), 'CTL_TOO_LARGE')
  t.deepEqual([...new Set(reads)], ['length'])
})

test('values of a decoded Buffer are plain bytes that share its memory', (t) => {
  const original = Buffer.from(file(usualHeader()))
  const value = header.signatureOf(decodeCtlFile(original))
  t.is(Object.getPrototypeOf(value), Uint8Array.prototype)
  t.is(value.buffer, original.buffer)
})

test('what the format cannot hold is not encoded', (t) => {
  const decoded = decodeCtlFile(file(usualHeader()))
  const large = { kind: 'value', tag: 9, value: new Uint8Array(65_536) } as const
  refusal(t, () => encodeCtlFile({ ...decoded, records: [{ fields: [large] }] }), 'CTL_NOT_ENCODABLE')
  refusal(t, () => encodeCtlFile({ ...decoded, header: [large] }), 'CTL_NOT_ENCODABLE')
  const zero = { kind: 'value', tag: 0, value: new Uint8Array(1) } as const
  refusal(t, () => encodeCtlFile({ ...decoded, header: [zero] }), 'CTL_NOT_ENCODABLE')
  const many = Array.from({ length: 17 }, () => ({ fields: [{ ...large, value: new Uint8Array(65_000) }] }))
  refusal(t, () => encodeCtlFile({ ...decoded, records: many }), 'CTL_NOT_ENCODABLE')
})
