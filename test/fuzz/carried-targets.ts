/** Targets for what is carried beside a CTL: signed configuration files, and the texts of signing requests. */
import { sameBytes } from '../../daemon/ctl/bytes.js'
import { decodeSgnFile, encodeSgnFile } from '../../daemon/ctl/sgn-file.js'
import { asSignature, isUnsigned, takeToBeSigned } from '../../daemon/ctl/to-be-signed.js'
import { decodeSigningAnswer, encodeSigningAnswer } from '../../daemon/signing/signing-answer.js'
import {
  decodeSigningRequest,
  encodeSigningRequest,
  makeSigningRequest,
} from '../../daemon/signing/signing-request.js'
import { showSgnText } from '../../daemon/trust/sgn/show-sgn-text.js'
import { verifySgnFile } from '../../daemon/trust/sgn/verify-sgn-file.js'
import { samples } from './corpus.js'
import { requirePrintable, requireThat } from './invariants.js'
import type { Decoded, FuzzTarget } from './targets.js'

export const carriedTargets: readonly FuzzTarget[] = [
  { name: 'sgn', takes: 'all', oneIn: 32, run: readSgn },
  { name: 'request', takes: 'decodable', oneIn: 64, run: askForIt },
  { name: 'request-text', takes: 'all', oneIn: 64, run: readRequestText },
  { name: 'answer-text', takes: 'all', oneIn: 64, run: readAnswerText },
]

const trust = samples[0]?.bytes ?? new Uint8Array()

/** The header of a CTL is that of a configuration file, and its records are a payload like any other. */
function readSgn(bytes: Uint8Array): void {
  const { verdict } = verifySgnFile(
    bytes,
    { trust },
    { name: 'SEP001122334455.cnf.xml.sgn', at: new Date(0) },
  )
  requireThat(verdict === 'invalid', 'nothing verifies that nobody signed')
  requireThat(
    sameBytes(encodeSgnFile(decodeSgnFile(bytes)), bytes),
    'what decodes is encoded to the same bytes',
  )
  requirePrintable('sgn show', showSgnText(bytes, 'fuzz'))
}

const origin = { from: 'a test', made: '2026-01-01T00:00:00Z' }

function askForIt(bytes: Uint8Array, { file }: Decoded): void {
  if (file === undefined) return
  const request = makeSigningRequest(bytes, origin)
  const text = encodeSigningRequest(request)
  requirePrintable('a request', text)
  const read = decodeSigningRequest(text)
  requireThat(read.id === request.id, 'a request comes back as it was made')
  if (isUnsigned(file)) requireThat(sameBytes(read.draft, bytes), 'the draft comes back byte for byte')
}

const draft = samples.find(({ file }) => isUnsigned(file) && file.records.length === 1)?.bytes
const asked = makeSigningRequest(draft ?? trust, origin)
const requestText = Buffer.from(encodeSigningRequest(asked))
const answered = {
  request: asked.id,
  signer: asked.signer.certificateSha256,
  by: 'somebody',
  signed: origin.made,
  toBeSignedSha256: asked.toBeSignedSha256,
  signature: asSignature(new Uint8Array(256).fill(7)),
}
const answerText = Buffer.from(encodeSigningAnswer(answered))

/** A piece of the text is lost, and a piece of the input stands there: where and how long the input says. */
function disturb(text: Buffer, bytes: Uint8Array): Buffer {
  const [high = 0, low = 0, lost = 0, gained = 0, ...rest] = bytes.subarray(0, 260)
  const at = (high * 256 + low) % text.length
  const piece = Buffer.from(rest.slice(0, gained % 40))
  return Buffer.concat([text.subarray(0, at), piece, text.subarray(at + (lost % 40))])
}

function readRequestText(bytes: Uint8Array): void {
  const read = decodeSigningRequest(disturb(requestText, bytes))
  requireThat(
    sameBytes(read.toBeSigned, takeToBeSigned(asked.draft)),
    'what a changed request asks for is what was asked for',
  )
}

function readAnswerText(bytes: Uint8Array): void {
  const read = decodeSigningAnswer(disturb(answerText, bytes))
  requireThat(
    sameBytes(read.signature, answered.signature),
    'a changed answer holds the signature that was made',
  )
  requireThat(read.request === answered.request, 'and is for the same request')
}
