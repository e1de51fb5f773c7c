import { unsigned } from './bytes.js'
import { type AddressRequest, addressFields } from './compose-address.js'
import { CtlError } from './ctl-error.js'
import { type CtlField, type CtlRecord, fieldValue } from './ctl-field.js'
import { functionOf, recordValue } from './record-fields.js'
import type { RecordProfile } from './record-profiles.js'
import { recordTag } from './tags.js'
import { encodeText } from './text.js'

/** A certificate's facts in the form of the chosen profile; `daemon/trust/certificate/certificate-fields.ts` makes them. */
export interface CertificateFields {
  readonly subject: string
  readonly issuer: string
  readonly serial: Uint8Array
  readonly publicKey: Uint8Array
  /** The signature value of the certificate itself: tag 8. */
  readonly certificateSignature: Uint8Array
  /** DER. */
  readonly certificate: Uint8Array
}

export interface CertificateRecord extends AddressRequest {
  readonly kind: 'certificate'
  readonly function: number
  readonly fields: CertificateFields
}

/**
 * A record of a decoded file. Texts, serial, key and certificate are copied byte for byte. Laid out in the
 * profile's order with unknown tags at the end; a record that has the profile's layout already, and from
 * which nothing is asked, comes out as it is.
 */
export interface CopiedRecord extends AddressRequest {
  readonly kind: 'copy'
  readonly record: CtlRecord
  /** Tag 8 for a record that lacks it, needed where the profile writes it. */
  readonly certificateSignature?: Uint8Array
}

/** A record that is written as it is, whatever the profile. */
export interface KeptRecord {
  readonly kind: 'keep'
  readonly record: CtlRecord
}

/** A server of a non-secure cluster: no certificate, 33 bytes with a 12-letter address. TAC 118893. */
export interface StubRecord {
  readonly kind: 'stub'
  readonly function: number
  readonly dnsName: string
  readonly ipAddress: Uint8Array
}

export type ComposeRecord = CertificateRecord | CopiedRecord | KeptRecord | StubRecord

type Values = Map<number, Uint8Array | undefined>

/** One record in a profile. `number` counts from 1 and stands in errors. */
export function composeRecord(profile: RecordProfile, request: ComposeRecord, number: number): CtlRecord {
  if (request.kind === 'keep') return request.record
  if (request.kind === 'copy') return copyRecord(profile, request, number)
  const role = roleBytes(request.function, number)
  const address = addressFields(profile, request.function, request, {}, number)
  const values: Values = new Map([
    [recordTag.dnsName, address.dnsName],
    [recordTag.function, role],
    [recordTag.ipAddress, address.ipAddress],
  ])
  if (request.kind === 'stub') {
    if (profile.dnsName === 'absent') refuseStub(profile, number)
    return { fields: layOut(profile, values) }
  }
  const { fields } = request
  values
    .set(recordTag.subjectName, encodeText(fields.subject))
    .set(recordTag.issuerName, encodeText(fields.issuer))
    .set(recordTag.serialNumber, fields.serial)
    .set(recordTag.publicKey, fields.publicKey)
    .set(recordTag.signature, fields.certificateSignature)
    .set(recordTag.certificate, fields.certificate)
  return { fields: layOut(profile, values) }
}

function copyRecord(profile: RecordProfile, request: CopiedRecord, number: number): CtlRecord {
  const { record } = request
  const isAsked = request.dnsName !== undefined || request.ipAddress !== undefined
  if (!isAsked && hasLayout(profile, record)) return record
  const own = {
    dnsName: recordValue(record, recordTag.dnsName),
    ipAddress: recordValue(record, recordTag.ipAddress),
  }
  const address = addressFields(profile, functionOf(record), request, own, number)
  const values: Values = new Map(profile.recordOrder.map((tag) => [tag, recordValue(record, tag)]))
  values.set(recordTag.dnsName, address.dnsName).set(recordTag.ipAddress, address.ipAddress)
  values.set(recordTag.signature, certificateSignature(profile, request, number))
  if (isStub(record) && profile.dnsName === 'absent') refuseStub(profile, number)
  return { fields: [...layOut(profile, values), ...fieldsOutside(record)] }
}

function certificateSignature(
  profile: RecordProfile,
  request: CopiedRecord,
  number: number,
): Uint8Array | undefined {
  const own = recordValue(request.record, recordTag.signature) ?? request.certificateSignature
  const isNeeded =
    profile.recordOrder.includes(recordTag.signature) &&
    recordValue(request.record, recordTag.certificate) !== undefined
  if (isNeeded && own === undefined) {
    const detail = `Record ${number} needs its certificate's signature for the ${profile.name} profile.`
    throw new CtlError('CTL_FIELD_MISSING', detail, { record: number, tag: recordTag.signature })
  }
  return isNeeded ? own : undefined
}

/** Whether the known tags of a record are the profile's, in the profile's order. */
function hasLayout(profile: RecordProfile, record: CtlRecord): boolean {
  const tags = record.fields.flatMap((field) => (isLaidOut(field) ? [field.tag] : []))
  const wanted = isStub(record) ? stubOrder(profile) : profile.recordOrder
  return tags.length === wanted.length && tags.every((tag, index) => tag === wanted[index])
}

function isStub(record: CtlRecord): boolean {
  return (
    fieldValue(record.fields, recordTag.certificate) === undefined &&
    fieldValue(record.fields, recordTag.subjectName) === undefined
  )
}

function stubOrder(profile: RecordProfile): readonly number[] {
  const kept: readonly number[] = [recordTag.dnsName, recordTag.function, recordTag.ipAddress]
  return profile.recordOrder.filter((tag) => kept.includes(tag))
}

/** Tags that a profile places: 2 to 10. The others keep their own order at the end. */
function isLaidOut(field: CtlField): field is CtlField & { readonly kind: 'value' } {
  return field.kind === 'value' && field.tag >= recordTag.dnsName && field.tag <= recordTag.ipAddress
}

function fieldsOutside(record: CtlRecord): CtlField[] {
  return record.fields.filter((field) => !isLaidOut(field))
}

function layOut(profile: RecordProfile, values: Values): CtlField[] {
  return profile.recordOrder.flatMap((tag): CtlField[] => {
    const value = values.get(tag)
    return value === undefined ? [] : [{ kind: 'value', tag, value }]
  })
}

function roleBytes(role: number, record: number): Uint8Array {
  if (Number.isInteger(role) && role >= 0 && role <= 0xffff) return unsigned(role, 2)
  throw new CtlError('CTL_NOT_ENCODABLE', `Function ${role} is no number from 0 to 65535.`, {
    record,
    tag: recordTag.function,
  })
}

function refuseStub(profile: RecordProfile, record: number): never {
  const detail = `Record ${record} has no certificate, and the ${profile.name} profile would leave it empty.`
  throw new CtlError('CTL_NOT_ENCODABLE', detail, { record })
}
