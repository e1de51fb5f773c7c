import { CtlError, type CtlErrorCode, type CtlErrorPlace } from './ctl-error.js'
import { type CtlField, FIELD_START, fieldSize, fieldsSize } from './ctl-field.js'
import type { Grammar, Shape } from './grammar.js'
import { headerTag } from './tags.js'

/** A stretch of the file whose fields must fill it exactly. */
export interface Stretch {
  /** The whole file: offsets in errors count from its start. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** Said when a field sticks out: whose length disagrees. */
  readonly overrun: CtlErrorCode
  readonly record?: number
}

interface Step {
  readonly field: CtlField
  readonly next: number
}

/** The fields of a stretch. Throws CtlError with the offset of what is wrong. */
export function readFields(stretch: Stretch, grammar: Grammar): CtlField[] {
  const fields: CtlField[] = []
  const seen = new Set<number>(grammar.before)
  let offset = stretch.start
  while (offset < stretch.end) {
    const { field, next } = readPadding(stretch, grammar, offset) ?? readField(stretch, grammar, offset, seen)
    fields.push(field)
    offset = next
  }
  for (const tag of grammar.required) {
    if (!seen.has(tag)) {
      throw new CtlError('CTL_FIELD_MISSING', `Tag ${tag} is missing in ${grammar.name}.`, {
        ...placeOf(stretch, stretch.start),
        tag,
      })
    }
  }
  return fields
}

function placeOf(stretch: Stretch, offset: number): CtlErrorPlace {
  return stretch.record === undefined ? { offset } : { offset, record: stretch.record }
}

function readPadding(stretch: Stretch, grammar: Grammar, offset: number): Step | undefined {
  const { bytes, end } = stretch
  if (!grammar.padded || bytes[offset] !== headerTag.padding) return undefined
  // A lone 0D and the record 0D 00 00 are told apart by the zeros, because no field has the tag 0.
  const isRecord = offset + FIELD_START <= end && bytes[offset + 1] === 0 && bytes[offset + 2] === 0
  return isRecord
    ? { field: { kind: 'padding', form: 'record' }, next: offset + FIELD_START }
    : { field: { kind: 'padding', form: 'lone' }, next: offset + 1 }
}

function readField(stretch: Stretch, grammar: Grammar, offset: number, seen: Set<number>): Step {
  const tag = stretch.bytes[offset] ?? 0
  const place = { ...placeOf(stretch, offset), tag }
  refuseTag(grammar, seen, tag, place)
  const start = offset + FIELD_START
  const length = start <= stretch.end ? readLength(stretch.bytes, offset + 1) : 0
  const next = start + length
  if (next > stretch.end) {
    throw new CtlError(
      stretch.overrun,
      `Tag ${tag} needs ${FIELD_START + length} bytes, and ${grammar.name} has ${stretch.end - offset} left.`,
      place,
    )
  }
  const shape = grammar.shapes.get(tag)
  if (shape?.kind === 'container') {
    const inner: Stretch = { ...stretch, start, end: next, overrun: 'CTL_CONTAINER_WRONG' }
    return { field: { kind: 'container', tag, fields: readFields(inner, shape.grammar) }, next }
  }
  const value = stretch.bytes.subarray(start, next)
  if (shape !== undefined) checkValue(shape, value, place)
  return { field: { kind: 'value', tag, value }, next }
}

function refuseTag(grammar: Grammar, seen: Set<number>, tag: number, place: CtlErrorPlace): void {
  if (tag === 0) {
    // Zero-filled data looks like fields with tag 0 and no value.
    throw new CtlError('CTL_FIELD_MISPLACED', `Tag 0 stands in ${grammar.name}; no field has it.`, place)
  }
  if (seen.has(tag)) {
    throw new CtlError('CTL_FIELD_DUPLICATE', `Tag ${tag} stands twice in ${grammar.name}.`, place)
  }
  if (grammar.shapes.has(tag)) {
    seen.add(tag)
  } else if (grammar.elsewhere.has(tag)) {
    throw new CtlError('CTL_FIELD_MISPLACED', `Tag ${tag} does not belong in ${grammar.name}.`, place)
  }
}

function checkValue(shape: Shape, value: Uint8Array, place: CtlErrorPlace): void {
  if (shape.kind === 'text') {
    // A NUL in the middle would let a C program show another name than this one does.
    if (value.indexOf(0) !== value.length - 1) {
      throw new CtlError('CTL_TEXT_WRONG', `The text of tag ${place.tag} needs one NUL, at its end.`, place)
    }
  } else if (shape.kind === 'bytes') {
    const wrong = shape.length === undefined ? value.length === 0 : value.length !== shape.length
    if (wrong) {
      const wanted = shape.length ?? 'at least 1'
      throw new CtlError(
        'CTL_LENGTH_WRONG',
        `Tag ${place.tag} is ${value.length} bytes long, not ${wanted}.`,
        place,
      )
    }
  }
}

/** The big-endian length at this offset; the caller knows that two bytes are there. */
export function readLength(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] ?? 0) * 256 + (bytes[offset + 1] ?? 0)
}

/** Writes into bytes of the right size; `offset` moves on. */
export interface Writer {
  readonly bytes: Uint8Array
  offset: number
}

/** Writes one tag, its length and its value. Throws CTL_NOT_ENCODABLE for what the format cannot hold. */
export function writeValue(writer: Writer, tag: number, value: Uint8Array): void {
  writeStart(writer, tag, value.length)
  writer.bytes.set(value, writer.offset)
  writer.offset += value.length
}

function writeStart(writer: Writer, tag: number, length: number): void {
  if (!Number.isInteger(tag) || tag < 1 || tag > 0xff) {
    throw new CtlError('CTL_NOT_ENCODABLE', `Tag ${tag} is no number from 1 to 255.`)
  }
  if (length > 0xffff) {
    throw new CtlError('CTL_NOT_ENCODABLE', `A field of ${length} bytes does not fit 65535.`, { tag })
  }
  writer.bytes[writer.offset] = tag
  writer.bytes[writer.offset + 1] = length >>> 8
  writer.bytes[writer.offset + 2] = length & 0xff
  writer.offset += FIELD_START
}

/** Writes fields one after the other. */
export function writeFields(writer: Writer, fields: readonly CtlField[]): void {
  for (const field of fields) writeField(writer, field)
}

function writeField(writer: Writer, field: CtlField): void {
  if (field.kind === 'value') {
    writeValue(writer, field.tag, field.value)
  } else if (field.kind === 'container') {
    writeStart(writer, field.tag, fieldsSize(field.fields))
    writeFields(writer, field.fields)
  } else {
    writer.bytes[writer.offset] = headerTag.padding
    writer.offset += fieldSize(field)
  }
}
