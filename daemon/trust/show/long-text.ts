/** What `show ctl` leaves out, for people: the part that `show --long` prints below its text. */
import { headerTag, headerTagNames } from '../../ctl/tags.js'
import { printable } from '../../ctl/text.js'
import type { CertificateKey } from '../certificate/certificate.js'
import type { ChainPlace } from './chain-within.js'
import type { CtlDescription, RecordDescription } from './describe-ctl-file.js'
import type { FieldDescription } from './describe-fields.js'

/** A label and its value. */
type Row = readonly [string, string]

const LABEL = 13
/** Narrower than this, wrapping helps nobody. */
const NARROWEST = 40

/**
 * Without `width` (in columns) no line is broken. Texts of the file are escaped.
 */
export function longText(file: CtlDescription, width?: number): string {
  const parts = [
    ['What show ctl does not print', '----------------------------'],
    block('File', fileRows(file), width),
    block(`Header: bytes 0 to ${file.headerLength - 1}`, headerRows(file), width),
    ...file.records.map((record) => block(recordTitle(record), recordRows(record), width)),
  ]
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

const kinds: Readonly<Record<CtlDescription['kind'], string>> = {
  ctl: 'CTL, by its FILENAME',
  itl: 'ITL, by its FILENAME; the format is that of a CTL',
  unknown: 'CTL or ITL; FILENAME does not say',
}

function fileRows(file: CtlDescription): Row[] {
  return [
    ['kind', kinds[file.kind]],
    ['size', `${file.length} bytes`],
    ['SHA-256', file.sha256],
    ...(file.unsigned ? [['state', 'a draft: the signature is all zero'] as const] : []),
  ]
}

const digestNames = { sha1: 'SHA-1', sha256: 'SHA-256', sha512: 'SHA-512' } as const

function headerRows(file: CtlDescription): Row[] {
  const { signer } = file
  const at = (tag: number) => file.fields.find((field) => field.tag === tag)?.offset
  return [
    ['signer', signer.record === undefined ? 'not among the SAST records' : `record ${signer.record}`],
    ['digest', `${digestNames[file.digest]} (code ${file.digestCode})`],
    [
      'signature',
      `RSA, PKCS#1 v1.5 (code 0), ${file.signatureLength} bytes (code ${file.modulusCode}), tag at byte ${at(headerTag.signature)}`,
    ],
    ['FILENAME', file.fileName ?? 'absent'],
    ['TIMESTAMP', file.timestamp === undefined ? 'absent' : utc(file.timestamp)],
    ...(file.signerVersion === undefined
      ? []
      : [['tag 28', `${file.signerVersion}, as certutils writes`] as const]),
    [
      'tags',
      file.fields
        .filter(({ within, tag }) => within === undefined && tag !== 13)
        .map(({ tag }) => tag)
        .join(' '),
    ],
    ...paddingRows(file),
    ...unknownRows(file.fields),
  ]
}

function paddingRows({ fields }: CtlDescription): Row[] {
  const padding = fields.filter(({ tag }) => tag === headerTag.padding)
  if (padding.length === 0) return [['padding', 'none']]
  return [
    ['padding', `${padding.length} of tag 13, at byte ${padding.map(({ offset }) => offset).join(', ')}`],
  ]
}

function recordTitle({ number, offset, length }: RecordDescription): string {
  return `Record ${number}: bytes ${offset} to ${offset + length - 1} (${length})`
}

function recordRows(record: RecordDescription): Row[] {
  return [
    ['role', `${record.function}, ${record.functionName}`],
    ...(record.ipAddress === undefined ? [] : [['address', record.ipAddress] as const]),
    ...certificateRows(record),
    ['tags', ['1', ...record.fields.map(({ tag }) => tag)].join(' ')],
    ...unknownRows(record.fields),
  ]
}

const serialOrders = {
  certificate: '',
  reversed: ', byte-reversed in the record',
  other: ', and the record has another',
} as const

function certificateRows(record: RecordDescription): Row[] {
  const { certificate, certificateProblem, serialOrder } = record
  if (certificateProblem !== undefined) return [['certificate', certificateProblem.detail]]
  if (certificate === undefined) return [['certificate', 'none']]
  const { chain } = certificate
  return [
    ['certificate', `${certificate.length} bytes, SHA-256 ${certificate.sha256}`],
    ['subject', certificate.subject],
    ['issuer', certificate.issuer],
    ['serial', `${certificate.serial}${serialOrders[serialOrder ?? 'certificate']}`],
    ['valid', `${utc(certificate.notBefore)} to ${utc(certificate.notAfter)}`],
    ['key', keyText(certificate.key)],
    ['chain', chain === undefined ? 'not looked at: the file has too many certificates' : chainText(chain)],
  ]
}

function keyText(key: CertificateKey): string {
  if (key.type === 'rsa') return `RSA, ${key.bits} bits`
  return key.type === 'ec' ? `EC, ${key.curve}` : `of the kind ${key.name}`
}

function chainText({ selfSigned, issuedBy, sameNameOnly }: ChainPlace): string {
  const words = [
    ...(selfSigned ? ['self-signed'] : []),
    ...(issuedBy.length > 0 ? [`issued by the certificate of record ${issuedBy.join(', ')}`] : []),
    ...(!selfSigned && issuedBy.length === 0 ? ['its issuer is not in this file'] : []),
    ...(sameNameOnly.length > 0
      ? [`record ${sameNameOnly.join(', ')} has the issuer’s name and not its key`]
      : []),
  ]
  return words.join('; ')
}

function unknownRows(fields: readonly FieldDescription[]): Row[] {
  return fields
    .filter(({ hex }) => hex !== undefined)
    .map(({ tag, offset, length, hex = '', within }) => {
      const place = within === undefined ? '' : ` in ${headerTagNames.get(within)}`
      const bytes = hex === '' ? '' : `: ${hex.replaceAll(/..(?=.)/g, '$& ')}`
      return [`tag ${tag}`, `unknown${place}, at byte ${offset}, ${length} bytes${bytes}`]
    })
}

/** `2015-03-06 20:56:07 UTC` */
function utc(iso: string): string {
  return iso.replace('T', ' ').replace('.000Z', ' UTC')
}

function block(title: string, rows: readonly Row[], width: number | undefined): string[] {
  return [
    title,
    ...rows.map(([label, value]) => {
      const start = `  ${label.padEnd(LABEL)}`
      return `${start}${wrap(printable(value), width, start.length)}`
    }),
  ]
}

/** Breaks between words, and in words that are longer than a line; further lines are indented. */
function wrap(text: string, width: number | undefined, indent: number): string {
  if (width === undefined || width < NARROWEST) return text
  const room = width - indent
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const next = line === '' ? word : `${line} ${word}`
    if (next.length <= room) {
      line = next
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    for (; line.length > room; line = line.slice(room)) lines.push(line.slice(0, room))
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`)
}
