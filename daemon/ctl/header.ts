import { plainBytes, unsigned } from './bytes.js'
import { CtlError } from './ctl-error.js'
import { type CtlFile, HEADER_START, headerLength } from './ctl-field.js'
import { headerGrammar } from './grammar.js'
import { checkHeaderValues } from './header-fields.js'
import { headerTag } from './tags.js'
import { readFields, readLength, type Writer, writeFields, writeValue } from './tlv.js'

/** The header that CTL files, ITL files and signed configuration files (`.sgn`) begin with. */
export type FileHeader = Pick<CtlFile, 'version' | 'header'>

/**
 * Reads the header of any file that has one; `rest` is what follows it. Structure alone is judged. Throws
 * CtlError and nothing else. `versions` are those that the kind of file is known to have, as `1.2`.
 */
export function readHeader(
  bytes: Uint8Array,
  versions: readonly string[],
): FileHeader & { readonly rest: Uint8Array } {
  if (bytes.length === 0) throw new CtlError('CTL_EMPTY', 'The file is empty.', { offset: 0 })
  const view = plainBytes(bytes)
  const { version, end } = readStart(view, versions)
  const stretch = { bytes: view, start: HEADER_START, end, overrun: 'CTL_LENGTH_LIES' } as const
  const header = readFields(stretch, headerGrammar)
  checkHeaderValues(header)
  return { version, header, rest: view.subarray(end) }
}

/** VERSION and HEADERLENGTH, which stand first and have one form only. */
function readStart(
  bytes: Uint8Array,
  versions: readonly string[],
): { version: FileHeader['version']; end: number } {
  readOpening(bytes, 0, headerTag.version)
  const version = { major: bytes[3] ?? 0, minor: bytes[4] ?? 0 }
  const text = `${version.major}.${version.minor}`
  if (!versions.includes(text)) {
    throw new CtlError('CTL_VALUE_UNKNOWN', `Version ${text} is not ${versions.join(' or ')}.`, {
      offset: 3,
      tag: headerTag.version,
    })
  }
  readOpening(bytes, 5, headerTag.headerLength)
  const end = readLength(bytes, 8)
  const place = { offset: 8, tag: headerTag.headerLength }
  if (end < HEADER_START) {
    throw new CtlError('CTL_LENGTH_LIES', `A header cannot have ${end} bytes.`, place)
  }
  if (end > bytes.length) {
    throw new CtlError('CTL_TRUNCATED', `The header has ${end} bytes, the file ${bytes.length}.`, place)
  }
  return { version, end }
}

/** Checks tag and length of a 2-byte field that must stand at this offset. */
function readOpening(bytes: Uint8Array, offset: number, tag: number): void {
  const expected = [tag, 0, 2]
  for (const [index, byte] of expected.entries()) {
    const at = offset + index
    if (at >= bytes.length) break
    if (bytes[at] !== byte) {
      const code = index === 0 ? 'CTL_FIELD_MISPLACED' : 'CTL_LENGTH_WRONG'
      throw new CtlError(code, `Tag ${tag} with a length of 2 must stand at byte ${offset}.`, {
        offset: at,
        tag,
      })
    }
  }
  if (bytes.length < offset + 5) {
    throw new CtlError('CTL_TRUNCATED', `The file ends within tag ${tag}.`, { offset: bytes.length, tag })
  }
}

/** Writes the header; HEADERLENGTH is computed. Throws CTL_NOT_ENCODABLE. */
export function writeHeader(writer: Writer, file: FileHeader): void {
  writeValue(writer, headerTag.version, Uint8Array.of(file.version.major, file.version.minor))
  writeValue(writer, headerTag.headerLength, length16(headerLength(file), {}))
  writeFields(writer, file.header)
}

/** A length as 2 bytes. */
export function length16(length: number, place: { record?: number }): Uint8Array {
  if (length <= 0xffff) return unsigned(length, 2)
  throw new CtlError('CTL_NOT_ENCODABLE', `A header or record of ${length} bytes does not fit 65535.`, place)
}
