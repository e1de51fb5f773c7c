/** Signs a request on the machine that has the token, and gives the answer that goes back. */
import { BridgeError } from '../bridge-error.js'
import type { Caller } from '../principal.js'
import { finishCtl } from './sign-ctl-file.js'
import { type SigningParts, signFile } from './sign-file.js'
import { encodeSigningAnswer } from './signing-answer.js'
import { decodeSigningRequest, wholeSeconds } from './signing-request.js'

export interface SignRequestRequest {
  readonly token: string
  /** The request as it came. */
  readonly text: Uint8Array
}

/** Signs once and rejects with REQUEST_…, CTL_…, TOKEN_… or AUDIT_NOT_WRITABLE. */
export async function signRequest(
  parts: SigningParts & { readonly now: () => Date },
  caller: Caller,
  { token, text }: SignRequestRequest,
): Promise<string> {
  const request = decodeSigningRequest(text)
  const { id, signer, digest, toBeSigned, toBeSignedSha256, draft } = request
  const certificate = signer.certificateSha256
  if (!parts.tokens.get(token).certificates.some((held) => held.sha256 === certificate)) {
    const detail = `Token ${token} does not hold the certificate that the request expects.`
    throw new BridgeError('REQUEST_FOR_OTHER_SIGNER', detail, { token, certificate, request: id })
  }
  const signed = wholeSeconds(parts.now())
  const answer = await signFile(parts, caller, {
    action: 'request.sign',
    token,
    certificate,
    digest,
    message: toBeSigned,
    facts: { request: id, from: request.from, bytes: draft.length },
    finish: (signature) => {
      // What leaves is the signature; that it makes a valid file is seen here, not only where it arrives.
      finishCtl(draft, signature)
      const by = caller.principal.name
      return Buffer.from(
        encodeSigningAnswer({ request: id, signer: certificate, by, signed, toBeSignedSha256, signature }),
      )
    },
  })
  return answer.toString('utf8')
}
