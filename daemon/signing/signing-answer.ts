/** The answer to a signing request: one small text with the signature, good for that request alone. */
import { BridgeError } from '../bridge-error.js'
import { asSignature, type Signature, type SignedCtl } from '../ctl/to-be-signed.js'
import {
  asRead,
  type Frame,
  hashLines,
  readField,
  readFrame,
  readRows,
  refuse,
  writeField,
  writeFrame,
  writeHash,
  writeRows,
} from './framed-text.js'
import { finishCtl } from './sign-ctl-file.js'
import type { SigningRequest } from './signing-request.js'

const frame: Frame = { title: 'SIGNING ANSWER', malformed: 'ANSWER_MALFORMED' }
const FORMAT = '1'
const BYTES = 'Signature:'

export interface SigningAnswer {
  /** Id of the request. */
  readonly request: string
  /** SHA-256 of the signer's certificate. */
  readonly signer: string
  /** Name of the principal who signed. */
  readonly by: string
  /** ISO 8601, UTC, whole seconds. */
  readonly signed: string
  readonly toBeSignedSha256: string
  readonly signature: Signature
}

export function encodeSigningAnswer(answer: SigningAnswer): string {
  const intro = [
    'The answer to a signing request. Where the request was made, save this as',
    'a file and run:',
    '    ctl-bridge request complete REQUEST ANSWER --out CTLFile.tlv',
    '',
  ]
  return `${intro.join('\n')}\n${writeFrame(frame, answerLines(answer))}`
}

function answerLines(answer: SigningAnswer): string[] {
  const lines = [
    ...writeField('Format', FORMAT),
    ...writeHash('Request', answer.request),
    ...writeHash('Signer SHA-256', answer.signer),
    ...writeHash('Signed bytes SHA-256', answer.toBeSignedSha256),
    ...writeField('Signed by', answer.by),
    ...writeField('Signed at', answer.signed),
    BYTES,
    ...writeRows(answer.signature),
  ]
  return [...lines, ...writeField('Check', hashLines(lines).slice(0, 32))]
}

/** Throws ANSWER_MALFORMED with the line that cannot be right. */
export function decodeSigningAnswer(text: Uint8Array | string): SigningAnswer {
  const lines = readFrame(frame, text)
  const field = (name: string): string => readField(frame, lines, name)
  if (field('Format') !== FORMAT) {
    throw refuse(frame, `This version of ctl-bridge reads format ${FORMAT}.`, lines[0])
  }
  const start = lines.findIndex((line) => line.text === BYTES)
  const stop = lines.findIndex((line) => line.text.startsWith('Check:'))
  const answer: SigningAnswer = {
    request: field('Request'),
    signer: field('Signer SHA-256'),
    toBeSignedSha256: field('Signed bytes SHA-256'),
    by: field('Signed by'),
    signed: field('Signed at'),
    signature: asSignature(readRows(frame, lines.slice(start + 1, stop < 0 ? undefined : stop))),
  }
  const expected = answerLines(answer)
  const wrong = expected.findIndex((wanted, index) => lines[index]?.text !== asRead(wanted))
  if (wrong >= 0) {
    const detail =
      wrong === expected.length - 1
        ? 'A line was changed: the check does not fit.'
        : 'The line is not as it is written here.'
    throw refuse(frame, detail, lines[wrong] ?? lines.at(-1))
  }
  if (lines.length > expected.length) {
    throw refuse(frame, 'A line stands there that belongs to no answer.', lines[expected.length])
  }
  return answer
}

/**
 * The signed file. Throws ANSWER_FOR_OTHER_REQUEST, ANSWER_FOR_OTHER_SIGNER, or CTL_SIGNATURE_WRONG and its
 * like: a signature that does not verify never gives a file.
 */
export function completeRequest(request: SigningRequest, answer: SigningAnswer): SignedCtl {
  if (answer.request !== request.id || answer.toBeSignedSha256 !== request.toBeSignedSha256) {
    const detail = `The answer is for ${answer.request.slice(0, 80)}, the request is ${request.id}.`
    throw new BridgeError('ANSWER_FOR_OTHER_REQUEST', detail, { request: request.id })
  }
  if (answer.signer !== request.signer.certificateSha256) {
    const detail = `The request expects the certificate ${request.signer.certificateSha256}.`
    throw new BridgeError('ANSWER_FOR_OTHER_SIGNER', detail, { certificate: answer.signer.slice(0, 80) })
  }
  return finishCtl(request.draft, answer.signature)
}
