import { plainBytes } from './bytes.js'
import { CtlError } from './ctl-error.js'
import { type CtlFile, type CtlRecord, headerLength, RECORD_START, recordLength } from './ctl-field.js'
import { recordGrammar } from './grammar.js'
import { length16, readHeader, writeHeader } from './header.js'
import { recordTag } from './tags.js'
import { readFields, readLength, type Writer, writeFields, writeValue } from './tlv.js'

export type { ContainerField, CtlField, CtlFile, CtlRecord, PaddingField, ValueField } from './ctl-field.js'

/**
 * The largest input that is looked at. Phones stop loading at about 64 KiB (CTL_SIZE_CEILING), so sixteen
 * times that leaves room to open and explain a file that went wrong, and bounds memory.
 */
export const MAX_CTL_BYTES = 1024 * 1024

/**
 * Above this a CTL should not be given to phones. Advice only: the documentation names 64 KB for an ITL
 * (more than 39 certificates fail to load); that a CTL has the same ceiling is inferred.
 */
export const CTL_SIZE_CEILING = 65_536

/** Every CTL that was seen says 1.2. */
const CTL_VERSIONS = ['1.2']

/**
 * Reads a CTL or ITL file. The result shares the memory of `bytes` and gives the same bytes back through
 * `encodeCtlFile`. Only structure is judged here, signatures and certificates are not.
 *
 * Throws CtlError and nothing else, whatever the bytes are; time and memory grow with their number.
 */
export function decodeCtlFile(bytes: Uint8Array): CtlFile {
  if (bytes.length > MAX_CTL_BYTES) {
    throw new CtlError('CTL_TOO_LARGE', `The file has ${bytes.length} bytes, more than ${MAX_CTL_BYTES}.`, {
      offset: MAX_CTL_BYTES,
    })
  }
  const { version, header, rest } = readHeader(bytes, CTL_VERSIONS)
  return { version, header, records: readRecords(plainBytes(bytes), bytes.length - rest.length) }
}

/** The records from `start` to the end. Throws CtlError when anything else stands there. */
export function readRecords(bytes: Uint8Array, start: number): CtlRecord[] {
  const records: CtlRecord[] = []
  let offset = start
  while (offset < bytes.length) {
    const end = offset + readRecordLength(bytes, offset, records.length + 1)
    const record = records.length + 1
    const stretch = { bytes, start: offset + RECORD_START, end, overrun: 'CTL_LENGTH_LIES', record } as const
    records.push({ fields: readFields(stretch, recordGrammar) })
    offset = end
  }
  return records
}

function readRecordLength(bytes: Uint8Array, offset: number, record: number): number {
  const place = { offset, record, tag: recordTag.recordLength }
  const left = bytes.length - offset
  if (bytes[offset] !== recordTag.recordLength) {
    throw new CtlError('CTL_TRAILING_BYTES', `${left} bytes follow that do not begin a record.`, { offset })
  }
  if (left < RECORD_START) {
    throw new CtlError('CTL_TRUNCATED', `The file ends within the length of record ${record}.`, place)
  }
  if (readLength(bytes, offset + 1) !== 2) {
    throw new CtlError('CTL_LENGTH_WRONG', `RECORDLENGTH of record ${record} is not 2 bytes long.`, place)
  }
  const length = readLength(bytes, offset + 3)
  if (length < RECORD_START) {
    throw new CtlError('CTL_LENGTH_LIES', `Record ${record} cannot have ${length} bytes.`, place)
  }
  if (length > left) {
    throw new CtlError('CTL_TRUNCATED', `Record ${record} has ${length} bytes, the file ${left} more.`, place)
  }
  return length
}

/**
 * The bytes of a file; every length is computed. Throws CTL_NOT_ENCODABLE when a field, the header, a
 * record or the whole is larger than the format or MAX_CTL_BYTES allows.
 */
export function encodeCtlFile(file: CtlFile): Uint8Array {
  const headerSize = headerLength(file)
  const recordSizes = file.records.map(recordLength)
  const size = recordSizes.reduce((sum, length) => sum + length, headerSize)
  if (size > MAX_CTL_BYTES) {
    throw new CtlError('CTL_NOT_ENCODABLE', `The file would have ${size} bytes, more than ${MAX_CTL_BYTES}.`)
  }
  const writer: Writer = { bytes: new Uint8Array(size), offset: 0 }
  writeHeader(writer, file)
  for (const [index, record] of file.records.entries()) {
    const place = { record: index + 1 }
    writeValue(writer, recordTag.recordLength, length16(recordSizes[index] ?? 0, place))
    writeFields(writer, record.fields)
  }
  return writer.bytes
}
