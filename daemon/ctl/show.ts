import { hex } from './bytes.js'
import {
  type CtlField,
  type CtlFile,
  type CtlRecord,
  fieldsSize,
  headerLength,
  recordLength,
} from './ctl-field.js'
import type { FileHeader } from './header.js'
import { type SignerId, signerIdOf } from './header-fields.js'
import { functionOf, isSignerRecord } from './record-fields.js'
import { functionName, headerTag, headerTagNames, recordTag, recordTagNames, SAST } from './tags.js'
import { printableText } from './text.js'
import { isUnsigned } from './to-be-signed.js'

/** What the text says and the file does not: hashes, time and verdict come from the caller. */
export interface ShowValues {
  /** Lower-case hex over the whole file. */
  readonly md5: string
  readonly sha1: string
  /** For example `Fri Mar 06 21:56:07 CET 2015`. */
  readonly modifiedText: string
  /** SHA-1 of the certificate in each record, in their order; undefined where there is none. */
  readonly certificateSha1: readonly (Uint8Array | undefined)[]
  /** Undefined leaves the last line out. */
  readonly verified: boolean | undefined
  /** Bytes. */
  readonly length: number
}

const tableHead = ['BYTEPOS\tTAG\t\tLENGTH\tVALUE', '-------\t---\t\t------\t-----']

/**
 * The file as CUCM's `show ctl` prints it: columns parted by tabs, lines not wrapped. Texts are escaped so
 * that a terminal obeys none of them.
 */
export function showCtlFile(file: CtlFile, values: ShowValues): string {
  const signer = isUnsigned(file) ? undefined : signerIdOf(file)
  const lines = [
    ...showChecksums(values),
    '',
    'Parse CTL File',
    '----------------',
    '',
    ...showHeader(file),
    '',
    ...file.records.flatMap((record, index) => [
      ...showRecord(signer, record, index, values.certificateSha1[index]),
      '',
    ]),
    ...showVerdict(values.verified),
  ]
  return `${lines.join('\n')}\n`
}

/** The lines of the header, as every file that has one is shown. */
export function showHeader(file: FileHeader): string[] {
  return [
    `Version:\t${file.version.major}.${file.version.minor}`,
    `HeaderLength:\t${headerLength(file)} (BYTES)`,
    '',
    ...tableHead,
    ...file.header.flatMap(showHeaderField),
  ]
}

/** What `show ctl` prints on a node that has no file. */
export function showNoCtlFile(): string {
  return [
    'Length of CTL file: 0',
    'CTL File not found. Please run CTLClient plugin or run the CLI - utils ctl.. to generate the CTL file.',
    'Error parsing the CTL File.',
    '',
  ].join('\n')
}

function showChecksums(values: ShowValues): string[] {
  return [
    'The checksum value of the CTL file:',
    `${values.md5}(MD5)`,
    `${values.sha1}(SHA1)`,
    '',
    `Length of CTL file: ${values.length}`,
    `The CTL File was last modified on ${values.modifiedText}`,
  ]
}

function showVerdict(verified: boolean | undefined): string[] {
  if (verified === undefined) return []
  return [verified ? 'The CTL file was verified successfully.' : 'Verification of the CTL file failed.']
}

/** One line of the table. A second tab keeps the columns of short names in place. */
function row(tag: number, names: ReadonlyMap<number, string>, length: number, value?: string): string {
  const name = names.get(tag) ?? 'UNKNOWN'
  const gap = name.length < 8 ? '\t\t' : '\t'
  return `${tag}\t${name}${gap}${length}${value === undefined ? '' : `\t${value}`}`
}

function showHeaderField(field: CtlField): string[] {
  if (field.kind === 'padding') return []
  if (field.kind === 'container') {
    // `show ctl` prints the size of the length itself in LENGTH, and the length in VALUE.
    const own = row(field.tag, headerTagNames, 2, String(fieldsSize(field.fields)))
    return [own, ...field.fields.flatMap(showHeaderField)]
  }
  const line = row(field.tag, headerTagNames, field.value.length, showHeaderValue(field.tag, field.value))
  return field.tag === headerTag.signature ? [line, ...showSignature(field.value)] : [line]
}

function showHeaderValue(tag: number, value: Uint8Array): string | undefined {
  if (tag === headerTag.signerName || tag === headerTag.caName) return printableText(value)
  if (tag === headerTag.serialNumber) return colonHex(value)
  return undefined
}

/** Eight bytes a row, without leading zeros. */
function showSignature(value: Uint8Array): string[] {
  const rows: string[] = []
  for (let start = 0; start < value.length; start += 8) {
    const bytes = Array.from(value.subarray(start, start + 8), (byte) => byte.toString(16))
    rows.push(`            ${bytes.join(' ')}`)
  }
  return rows
}

function showRecord(
  /** Undefined for a draft, which nobody signed yet. */
  signer: SignerId | undefined,
  record: CtlRecord,
  index: number,
  certificateSha1: Uint8Array | undefined,
): string[] {
  const lines = [
    `CTL Record #:${index + 1}`,
    '----',
    ...tableHead,
    row(recordTag.recordLength, recordTagNames, 2, String(recordLength(record))),
    ...record.fields.flatMap((field) => showRecordField(record, field, certificateSha1)),
  ]
  if (functionOf(record) === SAST) {
    const was = signer !== undefined && isSignerRecord(signer, record) ? 'was' : 'was not'
    lines.push(`This etoken ${was} used to sign the CTL file.`)
  }
  return lines
}

function showRecordField(
  record: CtlRecord,
  field: CtlField,
  certificateSha1: Uint8Array | undefined,
): string[] {
  if (field.kind !== 'value') return []
  const { tag, value } = field
  return [row(tag, recordTagNames, value.length, showRecordValue(record, tag, value, certificateSha1))]
}

function showRecordValue(
  record: CtlRecord,
  tag: number,
  value: Uint8Array,
  certificateSha1: Uint8Array | undefined,
): string | undefined {
  switch (tag) {
    case recordTag.dnsName:
    case recordTag.subjectName:
    case recordTag.issuerName:
      return printableText(value)
    case recordTag.function:
      return functionName(functionOf(record))
    case recordTag.serialNumber:
      return colonHex(value)
    case recordTag.certificate:
      return certificateSha1 && `${hex(certificateSha1, ' ').toUpperCase()} (SHA1 Hash HEX)`
    default:
      return undefined
  }
}

/** For example `83:E9:08`. */
function colonHex(bytes: Uint8Array): string {
  return hex(bytes, ':').toUpperCase()
}
