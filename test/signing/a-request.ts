/** Drafts, and requests and answers for them, signed by keys of the test. */
import { sign } from 'node:crypto'
import { asSignature, type UnsignedCtl } from '../../daemon/ctl/to-be-signed.js'
import { encodeSigningAnswer, type SigningAnswer } from '../../daemon/signing/signing-answer.js'
import {
  encodeSigningRequest,
  makeSigningRequest,
  type SigningRequest,
} from '../../daemon/signing/signing-request.js'
import { composeCtl } from '../../daemon/trust/compose/compose-ctl.js'
import { capf, firstToken, type Holder, secondToken } from '../trust/tac-cluster.js'

export const MADE = '2026-01-02T03:04:05Z'

export function aDraft(signer: Holder = firstToken, digest: 'sha1' | 'sha512' = 'sha1'): UnsignedCtl {
  return composeCtl({
    profile: 'ctl-client',
    digest,
    timestamp: 1_425_675_365,
    signer: signer.der,
    records: [
      { certificate: signer.der, kind: 'token', function: 0 },
      { certificate: secondToken.der, kind: 'token', function: 0 },
      { certificate: capf.der, kind: 'server', function: 4, ipAddress: Uint8Array.of(10, 0, 0, 1) },
      { stub: { function: 2, dnsName: '10.48.47.153', ipAddress: Uint8Array.of(10, 48, 47, 153) } },
    ],
  })
}

export const aRequest = (draft: Uint8Array = aDraft(), from = 'Anna, voice team'): SigningRequest =>
  makeSigningRequest(draft, { from, made: MADE })

export const requestText = (draft?: Uint8Array): string => encodeSigningRequest(aRequest(draft))

/** An answer as the machine with the key gives it, or with parts changed. */
export function anAnswer(
  request: SigningRequest = aRequest(),
  holder: Holder = firstToken,
  changed: Partial<SigningAnswer> = {},
): SigningAnswer {
  return {
    request: request.id,
    signer: request.signer.certificateSha256,
    by: 'custodian',
    signed: MADE,
    toBeSignedSha256: request.toBeSignedSha256,
    signature: asSignature(new Uint8Array(sign(request.digest, request.toBeSigned, holder.key.privateKey))),
    ...changed,
  }
}

export const answerText = (answer: SigningAnswer = anAnswer()): string => encodeSigningAnswer(answer)

/** The text with one of its lines, by number from 1, changed. */
export function withLine(text: string, number: number, change: (line: string) => string | undefined): string {
  return text
    .split('\n')
    .flatMap((line, index) => (index + 1 === number ? (change(line) ?? []) : line))
    .join('\n')
}

/** Numbers of the lines between the marks. */
export function framedLines(text: string): number[] {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => line.startsWith('-----BEGIN'))
  const end = lines.findIndex((line) => line.startsWith('-----END'))
  return lines.map((_, index) => index + 1).slice(start + 1, end)
}
