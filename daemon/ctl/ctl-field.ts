/**
 * What a CTL is made of. Lengths are not kept: they follow from the values, so they cannot lie.
 * Values are views into the decoded bytes.
 */

/** A tag with its value. An unknown tag is a value too. */
export interface ValueField {
  readonly kind: 'value'
  readonly tag: number
  readonly value: Uint8Array
}

/** SIGNERID, SIGNATUREINFO and SIGNATUREALGOINFO hold further fields. */
export interface ContainerField {
  readonly kind: 'container'
  readonly tag: number
  readonly fields: readonly CtlField[]
}

/** Tag 13 of the header: `lone` is the byte 0D, `record` is 0D 00 00. */
export interface PaddingField {
  readonly kind: 'padding'
  readonly form: 'lone' | 'record'
}

export type CtlField = ValueField | ContainerField | PaddingField

/** One entry of the trust list: its fields in the order of the file, without RECORDLENGTH. */
export interface CtlRecord {
  readonly fields: readonly CtlField[]
}

/** A whole file. `header` holds what follows VERSION and HEADERLENGTH, in the order of the file. */
export interface CtlFile {
  readonly version: { readonly major: number; readonly minor: number }
  readonly header: readonly CtlField[]
  readonly records: readonly CtlRecord[]
}

/** VERSION and HEADERLENGTH, 5 bytes each, open every file. */
export const HEADER_START = 10

/** RECORDLENGTH opens every record. */
export const RECORD_START = 5

/** Tag and length of a field: 1 + 2 bytes. */
export const FIELD_START = 3

/** Bytes that a field takes in the file. */
export function fieldSize(field: CtlField): number {
  if (field.kind === 'padding') return field.form === 'lone' ? 1 : FIELD_START
  return FIELD_START + (field.kind === 'value' ? field.value.length : fieldsSize(field.fields))
}

export function fieldsSize(fields: readonly CtlField[]): number {
  return fields.reduce((sum, field) => sum + fieldSize(field), 0)
}

/** What HEADERLENGTH says, in bytes. */
export function headerLength(file: Pick<CtlFile, 'header'>): number {
  return HEADER_START + fieldsSize(file.header)
}

/** What RECORDLENGTH says, in bytes. */
export function recordLength(record: CtlRecord): number {
  return RECORD_START + fieldsSize(record.fields)
}

/** Where each record begins, in bytes from the start of the file. */
export function recordOffsets(file: CtlFile): number[] {
  let offset = headerLength(file)
  return file.records.map((record) => {
    const start = offset
    offset += recordLength(record)
    return start
  })
}

/** Where the value with this tag begins, from the first of these fields; undefined when there is none. */
export function valueOffset(fields: readonly CtlField[], tag: number): number | undefined {
  let offset = 0
  for (const field of fields) {
    if (field.kind !== 'padding' && field.tag === tag) return offset + FIELD_START
    offset += fieldSize(field)
  }
  return undefined
}

/** The bytes of the first field with this tag. */
export function fieldValue(fields: readonly CtlField[], tag: number): Uint8Array | undefined {
  for (const field of fields) if (field.kind === 'value' && field.tag === tag) return field.value
  return undefined
}

/** The fields inside the first container with this tag. */
export function fieldsOf(fields: readonly CtlField[], tag: number): readonly CtlField[] | undefined {
  for (const field of fields) if (field.kind === 'container' && field.tag === tag) return field.fields
  return undefined
}
