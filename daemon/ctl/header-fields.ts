import { readUnsigned } from './bytes.js'
import { CtlError } from './ctl-error.js'
import {
  type CtlField,
  type CtlFile,
  FIELD_START,
  fieldSize,
  fieldsOf,
  fieldValue,
  HEADER_START,
} from './ctl-field.js'
import { type CtlDigest, digestCodes, headerTag, modulusCodes, RSA_SIGNATURE } from './tags.js'
import { decodeText } from './text.js'

/** SIGNERID as it stands in the file: texts with their NUL. */
export interface SignerId {
  readonly name: Uint8Array
  readonly serial: Uint8Array
  readonly issuer: Uint8Array
}

type Header = Pick<CtlFile, 'header'>

export function signerIdOf(file: Header): SignerId {
  const fields = required(fieldsOf(file.header, headerTag.signerId), headerTag.signerId)
  return {
    name: requiredValue(fields, headerTag.signerName),
    serial: requiredValue(fields, headerTag.serialNumber),
    issuer: requiredValue(fields, headerTag.caName),
  }
}

export function digestOf(file: Header): CtlDigest {
  const code = readUnsigned(requiredValue(signatureInfo(file.header), headerTag.digestAlgorithm))
  return digestCodes.get(code) ?? unknownValue('digest algorithm', code, headerTag.digestAlgorithm)
}

/** Length of the signer's modulus, and so of the signature, in bytes. */
export function modulusBytesOf(file: Header): number {
  const code = readUnsigned(requiredValue(signatureAlgoInfo(file.header), headerTag.signatureModulus))
  return modulusCodes.get(code) ?? unknownValue('modulus', code, headerTag.signatureModulus)
}

export function signatureOf(file: Header): Uint8Array {
  return requiredValue(file.header, headerTag.signature)
}

/** Where the signature record (tag, length, value) begins, in bytes from the start of the file. */
export function signatureRecordOffset(file: Header): number {
  return fieldOffset(file, headerTag.signature)
}

/** Where the field that names the signer begins. */
export function signerIdOffset(file: Header): number {
  return fieldOffset(file, headerTag.signerId)
}

function fieldOffset(file: Header, tag: number): number {
  let offset = HEADER_START
  for (const field of file.header) {
    if (field.kind !== 'padding' && field.tag === tag) return offset
    offset += fieldSize(field)
  }
  return missing(tag)
}

export function fileNameOf(file: Header): string | undefined {
  const value = fieldValue(file.header, headerTag.fileName)
  return value === undefined ? undefined : decodeText(value)
}

/** Seconds since 1970, UTC. */
export function timestampOf(file: Header): number | undefined {
  const value = fieldValue(file.header, headerTag.timestamp)
  return value === undefined ? undefined : readUnsigned(value)
}

/** Tag 28 of certutils, two bytes. */
export function signerVersionOf(file: Header): Uint8Array | undefined {
  return fieldValue(file.header, headerTag.signerVersion)
}

/** What the grammar cannot say: values that have a meaning, and the length that one of them promises. */
export function checkHeaderValues(header: readonly CtlField[]): void {
  const file = { header }
  try {
    digestOf(file)
    const algorithm = readUnsigned(requiredValue(signatureAlgoInfo(header), headerTag.signatureAlgorithm))
    if (algorithm !== RSA_SIGNATURE)
      unknownValue('signature algorithm', algorithm, headerTag.signatureAlgorithm)
    checkSignatureLength(file, modulusBytesOf(file))
  } catch (error) {
    if (!(error instanceof CtlError) || error.place.tag === undefined) throw error
    const offset = headerValueOffset(header, error.place.tag)
    throw new CtlError(error.code, error.message, { ...error.place, offset })
  }
}

function checkSignatureLength(file: Header, expected: number): void {
  const actual = signatureOf(file).length
  if (actual === expected) return
  const detail = `The signature has ${actual} bytes, and SIGNATUREMODULUS says ${expected}.`
  throw new CtlError('CTL_LENGTH_WRONG', detail, { tag: headerTag.signature })
}

/** Where a header value begins, looking into containers; the start of the header when it is nowhere. */
function headerValueOffset(header: readonly CtlField[], tag: number): number {
  return findValue(header, tag, HEADER_START) ?? HEADER_START
}

function findValue(fields: readonly CtlField[], tag: number, start: number): number | undefined {
  let offset = start
  for (const field of fields) {
    if (field.kind === 'value' && field.tag === tag) return offset + FIELD_START
    const inside = field.kind === 'container' ? findValue(field.fields, tag, offset + FIELD_START) : undefined
    if (inside !== undefined) return inside
    offset += fieldSize(field)
  }
  return undefined
}

function signatureInfo(header: readonly CtlField[]): readonly CtlField[] {
  return required(fieldsOf(header, headerTag.signatureInfo), headerTag.signatureInfo)
}

function signatureAlgoInfo(header: readonly CtlField[]): readonly CtlField[] {
  return required(fieldsOf(signatureInfo(header), headerTag.signatureAlgoInfo), headerTag.signatureAlgoInfo)
}

function requiredValue(fields: readonly CtlField[], tag: number): Uint8Array {
  return required(fieldValue(fields, tag), tag)
}

function required<Value>(value: Value | undefined, tag: number): Value {
  return value === undefined ? missing(tag) : value
}

function missing(tag: number): never {
  throw new CtlError('CTL_FIELD_MISSING', `Tag ${tag} is missing in the header.`, { tag })
}

function unknownValue(what: string, code: number, tag: number): never {
  throw new CtlError('CTL_VALUE_UNKNOWN', `Nobody documents ${what} ${code}.`, { tag })
}
