/** The signing requests that this daemon made: kept until their answer comes, and with the signed file. */
import { BridgeError } from '../bridge-error.js'
import type { SignedCtl } from '../ctl/to-be-signed.js'
import type { Caller } from '../principal.js'
import type { AuditLog } from '../store/audit-log.js'
import { audited, auditedUse } from '../store/audited.js'
import type { KeptRequest, SigningRequests } from '../store/signing-requests.js'
import { completeRequest, decodeSigningAnswer } from './signing-answer.js'
import {
  decodeSigningRequest,
  encodeSigningRequest,
  makeSigningRequest,
  type SigningRequest,
  wholeSeconds,
} from './signing-request.js'

export interface RequestDeskParts {
  readonly requests: SigningRequests
  readonly audit: AuditLog
  readonly now: () => Date
  /** Told once what has happened is on disk. */
  readonly publish: (
    type: 'request.made' | 'request.signed',
    data: { readonly id: string; readonly by: string },
  ) => void
}

/** A request with what has become of it. */
export interface DeskRequest {
  readonly kept: KeptRequest
  readonly request: SigningRequest
}

/** Makes a request for a composed CTL and keeps it. Rejects with CTL_…, BODY_INVALID or AUDIT_NOT_WRITABLE. */
export async function makeRequest(
  { requests, audit, now, publish }: RequestDeskParts,
  caller: Caller,
  { file, from }: { readonly file: Uint8Array; readonly from?: string | undefined },
): Promise<DeskRequest> {
  const made = wholeSeconds(now())
  const request = makeSigningRequest(file, { from: from ?? caller.principal.name, made })
  const { id, signer, toBeSignedSha256 } = request
  const facts = { request: id, certificate: signer.certificateSha256, toBeSignedSha256 }
  const { keyId, name } = caller.principal
  await audited(audit, auditedUse(caller, 'request.make', facts), () =>
    requests.add({ id, text: encodeSigningRequest(request), principal: { keyId, name } }),
  )
  publish('request.made', { id, by: name })
  return await findRequest(requests, id)
}

/** Rejects with REQUEST_UNKNOWN. */
export async function findRequest(requests: SigningRequests, id: string): Promise<DeskRequest> {
  const kept = await requests.get(id)
  if (kept !== undefined) return { kept, request: decodeSigningRequest(kept.text) }
  throw new BridgeError('REQUEST_UNKNOWN', 'No signing request has this id.', { request: id.slice(0, 64) })
}

/**
 * Puts the answer's signature into the file it was asked for. Rejects with ANSWER_…, CTL_SIGNATURE_WRONG,
 * REQUEST_UNKNOWN or REQUEST_ANSWERED, and then nothing is kept. The same answer again gives the same file.
 */
export async function answerRequest(
  { requests, audit, publish }: RequestDeskParts,
  caller: Caller,
  { id, text }: { readonly id: string; readonly text: Uint8Array },
): Promise<SignedCtl> {
  const { kept, request } = await findRequest(requests, id)
  const answer = decodeSigningAnswer(text)
  const file = completeRequest(request, answer)
  if (kept.answered !== undefined) {
    if (Buffer.compare(kept.answered.file, file) === 0) return file
    throw answered(id)
  }
  const { keyId, name } = caller.principal
  const facts = { request: id, certificate: answer.signer, by: answer.by, bytes: file.length }
  await audited(audit, auditedUse(caller, 'request.complete', facts), async () => {
    const answerText = Buffer.from(text).toString('utf8')
    const isFirst = await requests.answer(id, { principal: { keyId, name }, text: answerText, file })
    if (!isFirst) throw answered(id)
  })
  publish('request.signed', { id, by: name })
  return file
}

const answered = (id: string): BridgeError =>
  new BridgeError('REQUEST_ANSWERED', 'The request has its signature already.', { request: id })
