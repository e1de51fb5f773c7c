/**
 * A request to sign a CTL with a token that is plugged in elsewhere: one text that a person can read,
 * mail and print. Every line of its summary is made from the bytes to be signed. Whoever reads one makes
 * the summary again and refuses the text where it differs.
 */
import { createHash } from 'node:crypto'
import { BridgeError } from '../bridge-error.js'
import { CtlError } from '../ctl/ctl-error.js'
import { decodeCtlFile } from '../ctl/ctl-file.js'
import { signatureOf, signatureRecordOffset } from '../ctl/header-fields.js'
import type { CtlDigest } from '../ctl/tags.js'
import { restoreDraft, type ToBeSigned, takeToBeSigned, type UnsignedCtl } from '../ctl/to-be-signed.js'
import { type CtlDescription, describeCtlFile } from '../trust/show/describe-ctl-file.js'
import type { CtlSigner } from '../trust/verify/verdict.js'
import { verifyCtlFile } from '../trust/verify/verify-ctl-file.js'
import {
  asRead,
  type Frame,
  hashLines,
  type Line,
  readField,
  readFrame,
  readRows,
  refuse,
  writeField,
  writeFrame,
  writeHash,
  writeRows,
} from './framed-text.js'

const frame: Frame = { title: 'SIGNING REQUEST', malformed: 'REQUEST_MALFORMED' }
const FORMAT = '1'

export interface SigningRequest {
  /** SHA-256 over all lines of the request. */
  readonly id: string
  /** Who asks, as they say. */
  readonly from: string
  /** ISO 8601, UTC, whole seconds. */
  readonly made: string
  readonly toBeSigned: ToBeSigned
  readonly toBeSignedSha256: string
  /** The file with a signature of zeros. */
  readonly draft: UnsignedCtl
  /** What the bytes say. */
  readonly description: CtlDescription
  /** The SAST record whose certificate must sign. */
  readonly signer: CtlSigner
  readonly digest: CtlDigest
}

/** What is not in the bytes. */
export interface RequestOrigin {
  readonly from: string
  readonly made: string
}

/** Throws CTL_… for a file whose signature is not its only possible lack, and BODY_INVALID for a bad origin. */
export function makeSigningRequest(file: Uint8Array, origin: RequestOrigin): SigningRequest {
  const { problem } = verifyCtlFile(file)
  if (problem !== undefined && problem.code !== 'CTL_UNSIGNED') {
    throw new CtlError(problem.code, problem.detail, problem.at)
  }
  checkOrigin(origin)
  const { header } = decodeCtlFile(file)
  const message = takeToBeSigned(file)
  return ofMessage(message, signatureRecordOffset({ header }), signatureOf({ header }).length, origin)
}

/** A request as plain data; all but who asks and when is made from the bytes to be signed. */
export function describeSigningRequest(request: SigningRequest) {
  const { id, from, made, signer, digest, toBeSigned, toBeSignedSha256, description } = request
  const toBeSignedBytes = toBeSigned.length
  return { id, from, made, signer, digest, toBeSignedSha256, toBeSignedBytes, file: description }
}

/** The one form that a request has as text: what it says of the file comes from the bytes. */
export function encodeSigningRequest(request: SigningRequest): string {
  const { signer, digest, description } = request
  const intro = [
    'Somebody asks for a signature over a trust list of Cisco phones (CTL).',
    'On the machine with the token of the signer named below, save this as a',
    'file and run:',
    '    ctl-bridge request show FILE',
    '    ctl-bridge request sign FILE --token SERIAL --out ANSWER.txt',
    `It signs with RSA ${signer.keyBits} and ${digest}: ${description.records.length} records, ${description.length} bytes.`,
    '',
  ]
  return `${intro.join('\n')}\n${writeFrame(frame, [...idLines(request.id), ...requestLines(request)])}`
}

/**
 * Reads a request and makes its summary again. Throws REQUEST_MALFORMED when the text is damaged or the
 * bytes are no CTL that could be signed, REQUEST_TAMPERED with the line when text and bytes tell different things.
 */
export function decodeSigningRequest(text: Uint8Array | string): SigningRequest {
  const lines = readFrame(frame, text)
  const format = readField(frame, lines, 'Format')
  if (format !== FORMAT) {
    throw refuse(
      frame,
      `The request has format ${format}; this version of ctl-bridge reads ${FORMAT}.`,
      lines[1],
    )
  }
  const origin = { from: readField(frame, lines, 'From'), made: readField(frame, lines, 'Made') }
  refuseOrigin(origin, lines)
  const [offset = Number.NaN, length = Number.NaN] = readField(frame, lines, 'Signature at')
    .split(', ')
    .map(Number)
  const rows = lines.slice(lines.findIndex((line) => line.text === BYTES) + 1)
  const request = readMessage(readRows(frame, rows) as ToBeSigned, offset, length, origin, lines[0])
  compare(lines, idLines(request.id), requestLines(request))
  return request
}

/** The last line before the bytes. */
const BYTES = 'Bytes to be signed:'

function readMessage(
  message: ToBeSigned,
  offset: number,
  length: number,
  origin: RequestOrigin,
  line: Line | undefined,
): SigningRequest {
  try {
    return ofMessage(message, offset, length, origin)
  } catch (error) {
    if (!(error instanceof CtlError)) throw error
    throw refuse(frame, `What is to be signed is no CTL: ${error.message}`, line)
  }
}

function ofMessage(
  toBeSigned: ToBeSigned,
  offset: number,
  length: number,
  origin: RequestOrigin,
): SigningRequest {
  const draft = restoreDraft(toBeSigned, offset, length)
  const { problem, signer, digest } = verifyCtlFile(draft)
  if (problem !== undefined && problem.code !== 'CTL_UNSIGNED') {
    throw new CtlError(problem.code, problem.detail, problem.at)
  }
  if (signer === undefined || digest === undefined) {
    throw new CtlError('CTL_SIGNER_MISSING', 'The file names no signer.')
  }
  const body = {
    from: origin.from,
    made: origin.made,
    toBeSigned,
    toBeSignedSha256: createHash('sha256').update(toBeSigned).digest('hex'),
    draft,
    description: describeCtlFile(draft),
    signer,
    digest,
  }
  return { id: hashLines(requestLines(body)), ...body }
}

const idLines = (id: string): string[] => writeHash('Request', id)

/** Everything but the id, which is their hash. */
function requestLines(request: Omit<SigningRequest, 'id'>): string[] {
  const { draft, description, signer, digest, toBeSigned } = request
  const { header } = decodeCtlFile(draft)
  const field = (name: string, value: string | number): string[] => writeField(name, String(value))
  return [
    ...field('Format', FORMAT),
    ...field('What', 'a CTL (trust list of phones)'),
    ...field('From', request.from),
    ...field('Made', request.made),
    ...field('File', description.fileName ?? '(without a name)'),
    ...field('File time', description.timestamp ?? '(without a time)'),
    ...field('File size', `${description.length} bytes, with its signature`),
    ...field('Signer', signer.subject),
    ...field('Issuer', signer.issuer),
    ...field('Serial', signer.serial),
    ...writeHash('  SHA-256', signer.certificateSha256),
    ...field('Signer key', `RSA ${signer.keyBits}`),
    ...field('Digest', digest),
    ...field('Records', description.records.length),
    ...description.records.flatMap((record) => [
      ...field(`Record ${record.number}`, record.functionName),
      ...field('  Name', record.subject ?? record.dnsName ?? '(without a name)'),
      ...writeHash('  SHA-256', record.certificate?.sha256 ?? '(no certificate)'),
    ]),
    ...field('Signed bytes', toBeSigned.length),
    ...writeHash('  SHA-256', request.toBeSignedSha256),
    ...field('Signature at', `${signatureRecordOffset({ header })}, ${signatureOf({ header }).length}`),
    BYTES,
    ...writeRows(toBeSigned),
  ]
}

/**
 * Line by line; the first that is not what the bytes say is named. The id is looked at last: it says only
 * that something differs, and it alone tells of a change in what the bytes do not hold.
 */
function compare(lines: readonly Line[], id: readonly string[], body: readonly string[]): void {
  for (const [index, wanted] of body.entries()) {
    const line = lines[id.length + index]
    if (line?.text === asRead(wanted)) continue
    const detail = `The bytes to be signed say: ${JSON.stringify(asRead(wanted).slice(0, 120))}.`
    throw tampered(detail, line ?? lines.at(-1))
  }
  const further = lines[id.length + body.length]
  if (further !== undefined) {
    throw tampered('A line stands there that the bytes do not account for.', further)
  }
  const wrong = id.findIndex((wanted, index) => lines[index]?.text !== asRead(wanted))
  if (wrong >= 0) {
    const detail = 'The id is not that of this request: who asks, when, or the id itself was changed.'
    throw tampered(detail, lines[wrong])
  }
}

function tampered(detail: string, line: Line | undefined): BridgeError {
  return new BridgeError('REQUEST_TAMPERED', detail, line === undefined ? {} : { line: line.number })
}

function refuseOrigin(origin: RequestOrigin, lines: readonly Line[]): void {
  try {
    checkOrigin(origin)
  } catch (error) {
    const line = lines.find(({ text }) => text.startsWith('From:'))
    throw refuse(frame, (error as Error).message, line)
  }
}

/** One line of text, and a time as it is written here. */
function checkOrigin({ from, made }: RequestOrigin): void {
  const isName =
    from.length >= 1 && from.length <= 200 && !/[\p{Cc}\p{Cs}]/u.test(from) && asRead(from) === from
  if (!isName) throw new BridgeError('BODY_INVALID', 'Who asks is one line of 1 to 200 characters.')
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(made) && !Number.isNaN(Date.parse(made))
  if (!isTime) throw new BridgeError('BODY_INVALID', 'A time is written as 2026-01-02T03:04:05Z.')
}

/** A time as requests and answers write it. */
export const wholeSeconds = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`
