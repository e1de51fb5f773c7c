import { hex } from '../../ctl/bytes.js'
import {
  type CtlField,
  type CtlFile,
  type CtlRecord,
  FIELD_START,
  fieldSize,
  fieldsSize,
  HEADER_START,
  RECORD_START,
} from '../../ctl/ctl-field.js'
import { headerTag, headerTagNames, recordTagNames } from '../../ctl/tags.js'

/** One field as it lies in the file. */
export interface FieldDescription {
  readonly tag: number
  /** As `show ctl` prints it; `UNKNOWN` for a tag that no document names. */
  readonly name: string
  /** Of the tag byte, from the start of the file. */
  readonly offset: number
  /** Of the value; 0 for padding. */
  readonly length: number
  /** Tag of the container that the field lies in. */
  readonly within?: number
  /** The bytes of an unknown tag, lower-case. */
  readonly hex?: string
}

/** The header's fields in their order, VERSION and HEADERLENGTH with them; padding is a field of tag 13. */
export function describeHeaderFields(file: CtlFile): FieldDescription[] {
  const opening = [headerTag.version, headerTag.headerLength].map((tag, index) => ({
    tag,
    name: nameOf(tag, headerTagNames),
    offset: (index * HEADER_START) / 2,
    length: 2,
  }))
  return [...opening, ...describeFields(file.header, HEADER_START, headerTagNames)]
}

/** A record's fields in their order, without RECORDLENGTH. `start` is where the record begins in the file. */
export function describeRecordFields(record: CtlRecord, start: number): FieldDescription[] {
  return describeFields(record.fields, start + RECORD_START, recordTagNames)
}

const nameOf = (tag: number, names: ReadonlyMap<number, string>): string => names.get(tag) ?? 'UNKNOWN'

function describeFields(
  fields: readonly CtlField[],
  start: number,
  names: ReadonlyMap<number, string>,
  within?: number,
): FieldDescription[] {
  let offset = start
  return fields.flatMap((field) => {
    const own = describeField(field, offset, names, within)
    const inside =
      field.kind === 'container' ? describeFields(field.fields, offset + FIELD_START, names, field.tag) : []
    offset += fieldSize(field)
    return [own, ...inside]
  })
}

function describeField(
  field: CtlField,
  offset: number,
  names: ReadonlyMap<number, string>,
  within: number | undefined,
): FieldDescription {
  const tag = field.kind === 'padding' ? headerTag.padding : field.tag
  return {
    tag,
    name: nameOf(tag, names),
    offset,
    length: lengthOf(field),
    ...(within !== undefined && { within }),
    ...(field.kind === 'value' && !names.has(tag) && { hex: hex(field.value) }),
  }
}

function lengthOf(field: CtlField): number {
  if (field.kind === 'padding') return 0
  return field.kind === 'value' ? field.value.length : fieldsSize(field.fields)
}
