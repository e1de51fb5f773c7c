import { unsigned } from './bytes.js'
import type { AddressRequest } from './compose-address.js'
import type { CertificateFields } from './compose-record.js'
import { CtlError } from './ctl-error.js'
import { type CtlField, type CtlRecord, fieldValue } from './ctl-field.js'
import { parseIpAddress, recordText } from './record-fields.js'
import type { RecordProfile } from './record-profiles.js'
import { recordTag } from './tags.js'
import { encodeText } from './text.js'

/** What is to become different in a record. Everything else keeps its bytes and its place. */
export interface RecordEdit extends AddressRequest {
  readonly function?: number
  /** Another certificate, with the fields that follow from it. */
  readonly fields?: CertificateFields
}

/**
 * The record with these values in place of its own. A field that it lacks is put where the profile has it.
 * `number` is the record's, from 1, for errors: CTL_NOT_ENCODABLE, CTL_LENGTH_WRONG, CTL_TEXT_WRONG.
 */
export function editRecord(
  profile: RecordProfile,
  record: CtlRecord,
  edit: RecordEdit,
  number: number,
): CtlRecord {
  const values = [
    ...certificateValues(record, edit, number),
    ...addressValues(profile, record, edit, number),
    ...(edit.function === undefined ? [] : [[recordTag.function, unsigned(edit.function, 2)] as const]),
  ]
  const fields = values.reduce(
    (kept, [tag, value]) => putValue(kept, tag, value, profile.recordOrder),
    record.fields,
  )
  return { fields }
}

type TagValue = readonly [tag: number, value: Uint8Array]

function certificateValues(record: CtlRecord, { fields }: RecordEdit, number: number): TagValue[] {
  if (fields === undefined) return []
  if (fieldValue(record.fields, recordTag.certificateHash) !== undefined) {
    // Which hash tag 12 names, and over what, is known from no document.
    const detail = `Record ${number} holds a hash of its certificate (tag 11), which cannot be made anew. Remove the record and add another.`
    throw new CtlError('CTL_NOT_ENCODABLE', detail, { record: number, tag: recordTag.certificateHash })
  }
  const has = (tag: number) => fieldValue(record.fields, tag) !== undefined
  const lacksSignature = has(recordTag.certificate) && !has(recordTag.signature)
  return [
    [recordTag.subjectName, encodeText(fields.subject)],
    [recordTag.issuerName, encodeText(fields.issuer)],
    [recordTag.serialNumber, fields.serial],
    [recordTag.publicKey, fields.publicKey],
    ...(lacksSignature ? [] : [[recordTag.signature, fields.certificateSignature] as const]),
    [recordTag.certificate, fields.certificate],
  ]
}

/** A server that is named by its IP address gets its new one in both fields. */
function addressValues(
  profile: RecordProfile,
  record: CtlRecord,
  { dnsName, ipAddress }: RecordEdit,
  number: number,
): TagValue[] {
  const mayHave = (tag: number) =>
    profile.recordOrder.includes(tag) || fieldValue(record.fields, tag) !== undefined
  const refuse = (tag: number): never => {
    const detail = `Records of the ${profile.name} profile have no address, and neither has record ${number}.`
    throw new CtlError('CTL_NOT_ENCODABLE', detail, { record: number, tag })
  }
  const values: TagValue[] = []
  if (dnsName !== undefined) {
    if (!mayHave(recordTag.dnsName)) refuse(recordTag.dnsName)
    values.push([recordTag.dnsName, encodeText(dnsName)])
  }
  if (ipAddress !== undefined) {
    if (!mayHave(recordTag.ipAddress)) refuse(recordTag.ipAddress)
    if (ipAddress.length !== 4) {
      const place = { record: number, tag: recordTag.ipAddress }
      throw new CtlError('CTL_LENGTH_WRONG', `The IP address of record ${number} is not 4 bytes long.`, place)
    }
    values.push([recordTag.ipAddress, ipAddress])
    const isNamedByAddress = parseIpAddress(recordText(record, recordTag.dnsName) ?? '') !== undefined
    if (dnsName === undefined && isNamedByAddress) {
      values.push([recordTag.dnsName, encodeText(ipAddress.join('.'))])
    }
  }
  return values
}

/** In place of the value that is there, else where `order` puts the tag; a tag outside `order` is not added. */
function putValue(
  fields: readonly CtlField[],
  tag: number,
  value: Uint8Array,
  order: readonly number[],
): readonly CtlField[] {
  const field: CtlField = { kind: 'value', tag, value }
  const own = fields.findIndex((other) => other.kind === 'value' && other.tag === tag)
  if (own >= 0) return fields.with(own, field)
  const rank = order.indexOf(tag)
  if (rank < 0) return fields
  const later = new Set(order.slice(rank + 1))
  const next = fields.findIndex((other) => other.kind === 'value' && later.has(other.tag))
  return fields.toSpliced(next < 0 ? fields.length : next, 0, field)
}
