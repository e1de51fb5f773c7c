/** Signed configuration files (`SEP….cnf.xml.sgn`): the header of a CTL in front of any file. */
import { CtlError } from './ctl-error.js'
import { type CtlField, headerLength } from './ctl-field.js'
import { readRecords } from './ctl-file.js'
import { type FileHeader, readHeader, writeHeader } from './header.js'
import { encryptionTags } from './tags.js'
import type { Writer } from './tlv.js'
import {
  type Branded,
  cutSignature,
  fillSignature,
  isUnsigned,
  type Signature,
  type ToBeSigned,
} from './to-be-signed.js'

/** A complete signed-file draft, whose signature is all zero. */
export type UnsignedSgn = Branded<'unsigned configuration file'>
/** With a signature in it; that it verifies is for `verifySgnFile` to say. */
export type SignedSgn = Branded<'signed configuration file'>

export interface SgnFile extends FileHeader {
  /** What the header stands in front of. */
  readonly payload: Uint8Array
}

/** The largest file that is looked at: configurations have some ten KB, locale files and images more. */
export const MAX_SGN_BYTES = 10 * 1024 * 1024

/**
 * What certutils writes: 1.2 in its older, 1.0 in its newer releases, 2.0 in front of an encrypted payload.
 * What CUCM writes is not known.
 */
const SGN_VERSIONS = ['1.0', '1.2', '2.0']

/** Reads a signed file. The payload is any bytes. Throws CtlError and nothing else. */
export function decodeSgnFile(bytes: Uint8Array): SgnFile {
  refuseLarge(bytes.length)
  const { version, header, rest } = readHeader(bytes, SGN_VERSIONS)
  return { version, header, payload: rest }
}

/** The bytes of a file. Throws CTL_NOT_ENCODABLE or CTL_TOO_LARGE. */
export function encodeSgnFile(file: SgnFile): Uint8Array {
  const start = headerLength(file)
  refuseLarge(start + file.payload.length)
  const writer: Writer = { bytes: new Uint8Array(start + file.payload.length), offset: 0 }
  writeHeader(writer, file)
  writer.bytes.set(file.payload, start)
  return writer.bytes
}

function refuseLarge(size: number): void {
  if (size <= MAX_SGN_BYTES) return
  throw new CtlError('CTL_TOO_LARGE', `The file has ${size} bytes, more than ${MAX_SGN_BYTES}.`, {
    offset: MAX_SGN_BYTES,
  })
}

/** Whether nobody signed the file yet. Throws CtlError when it is none. */
export function isUnsignedSgn(bytes: Uint8Array): bytes is UnsignedSgn {
  return isUnsigned(decodeSgnFile(bytes))
}

/**
 * Header and payload without the signature record, as in a CTL. That the payload belongs to it is what
 * certutils does; no file of CUCM was at hand.
 */
export function takeSgnToBeSigned(bytes: Uint8Array): ToBeSigned {
  return cutSignature(bytes, decodeSgnFile(bytes))
}

/** Throws CTL_SIGNATURE_LENGTH when the signature does not fit. */
export function insertSgnSignature(draft: UnsignedSgn, signature: Signature): SignedSgn {
  return fillSignature(draft, decodeSgnFile(draft), signature) as SignedSgn
}

/** By what a file is known to be encrypted: its name or its header; undefined when by nothing. */
export function encryptionOf(file: FileHeader, name?: string): 'name' | 'header' | undefined {
  const tags = file.header.filter(
    (field: CtlField) => field.kind !== 'padding' && encryptionTags.has(field.tag),
  )
  if (tags.length > 0 || file.version.major === 2) return 'header'
  return name !== undefined && /\.enc(\.sgn)?$/i.test(name) ? 'name' : undefined
}

/** Whether these bytes behind a header would be the records of a CTL. */
export function isCtlBody(payload: Uint8Array): boolean {
  try {
    return readRecords(payload, 0).length > 0
  } catch (error) {
    if (error instanceof CtlError) return false
    throw error
  }
}
