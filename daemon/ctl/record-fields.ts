import { readUnsigned, sameBytes } from './bytes.js'
import { CtlError } from './ctl-error.js'
import { type CtlFile, type CtlRecord, fieldValue } from './ctl-field.js'
import { type SignerId, signerIdOf } from './header-fields.js'
import { recordTag, SAST } from './tags.js'
import { decodeText } from './text.js'

/** The role number of a record. */
export function functionOf(record: CtlRecord): number {
  const value = fieldValue(record.fields, recordTag.function)
  if (value !== undefined) return readUnsigned(value)
  throw new CtlError('CTL_FIELD_MISSING', 'The record has no FUNCTION.', { tag: recordTag.function })
}

/** The bytes of a record's field, or undefined. */
export function recordValue(record: CtlRecord, tag: number): Uint8Array | undefined {
  return fieldValue(record.fields, tag)
}

/** The text of a record's field without its NUL, or undefined. */
export function recordText(record: CtlRecord, tag: number): string | undefined {
  const value = fieldValue(record.fields, tag)
  return value === undefined ? undefined : decodeText(value)
}

export function certificateOf(record: CtlRecord): Uint8Array | undefined {
  return fieldValue(record.fields, recordTag.certificate)
}

/** IPADDRESS in dotted form, or undefined. */
export function ipAddressOf(record: CtlRecord): string | undefined {
  return fieldValue(record.fields, recordTag.ipAddress)?.join('.')
}

/** The four bytes of a dotted IPv4 address, or undefined when the text is none. */
export function parseIpAddress(text: string): Uint8Array | undefined {
  const parts = text.split('.')
  const isAddress = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)
  return isAddress ? Uint8Array.from(parts, Number) : undefined
}

/** Tags that no document names, in the order of the record. */
export function unknownTagsOf(record: CtlRecord): number[] {
  const known = new Set<number>(Object.values(recordTag))
  return record.fields.flatMap((field) =>
    field.kind === 'value' && !known.has(field.tag) ? [field.tag] : [],
  )
}

/**
 * Whether this is a SAST record that the header's SIGNERID names by serial and issuer.
 * The name is not compared: serial and issuer are what identifies a certificate (RFC 5280 §4.1.2.2).
 */
export function isSignerRecord(signer: SignerId, record: CtlRecord): boolean {
  return (
    functionOf(record) === SAST &&
    sameBytes(recordValue(record, recordTag.serialNumber), signer.serial) &&
    sameBytes(recordValue(record, recordTag.issuerName), signer.issuer)
  )
}

/** Indexes of the SAST records that the header names as the signer. */
export function signerRecordsOf(file: CtlFile): number[] {
  const signer = signerIdOf(file)
  return file.records.flatMap((record, index) => (isSignerRecord(signer, record) ? [index] : []))
}
