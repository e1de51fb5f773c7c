/** Signs a CTL whose header already names a certificate of the token. */
import { BridgeError } from '../bridge-error.js'
import { CtlError } from '../ctl/ctl-error.js'
import {
  insertSignature,
  type Signature,
  type SignedCtl,
  takeToBeSigned,
  type UnsignedCtl,
} from '../ctl/to-be-signed.js'
import type { Caller } from '../principal.js'
import type { CtlVerdict } from '../trust/verify/verdict.js'
import { verifyCtlFile } from '../trust/verify/verify-ctl-file.js'
import { type SigningJob, type SigningParts, signFile } from './sign-file.js'

export interface SignCtlRequest {
  readonly token: string
  /** A composed draft, or a file that was signed before: its signature is replaced. */
  readonly file: Uint8Array
}

/** Signs once and rejects with CTL_…, TOKEN_…, SIGNER_NOT_ON_TOKEN or AUDIT_NOT_WRITABLE. */
export async function signCtlFile(
  parts: SigningParts,
  caller: Caller,
  { token, file }: SignCtlRequest,
): Promise<SignedCtl> {
  const { certificate, digest } = signerOf(file)
  if (!parts.tokens.get(token).certificates.some((held) => held.sha256 === certificate)) {
    throw new BridgeError('SIGNER_NOT_ON_TOKEN', 'The signer named in the file is not on this token.', {
      token,
      certificate,
    })
  }
  const job: SigningJob<SignedCtl> = {
    action: 'ctl.sign',
    token,
    certificate,
    digest,
    message: takeToBeSigned(file),
    facts: { bytes: file.length },
    finish: (signature) => finishCtl(file as UnsignedCtl, signature),
  }
  return await signFile(parts, caller, job)
}

/** The file with its signature, which must verify. Throws CTL_SIGNATURE_WRONG and its like. */
export function finishCtl(draft: UnsignedCtl, signature: Signature): SignedCtl {
  const signed = insertSignature(draft, signature)
  refuseUnlessValid(verifyCtlFile(signed))
  return signed
}

/** The signer's certificate and the digest, from a file whose only possible fault is its signature. */
function signerOf(file: Uint8Array): { certificate: string; digest: 'sha1' | 'sha256' | 'sha512' } {
  const verdict = verifyCtlFile(file)
  const signable = ['CTL_UNSIGNED', 'CTL_SIGNATURE_WRONG']
  if (verdict.problem !== undefined && !signable.includes(verdict.problem.code)) refuseUnlessValid(verdict)
  if (verdict.signer === undefined || verdict.digest === undefined) {
    throw new CtlError('CTL_SIGNER_MISSING', 'The file names no signer.')
  }
  return { certificate: verdict.signer.certificateSha256, digest: verdict.digest }
}

function refuseUnlessValid(verdict: CtlVerdict): void {
  if (verdict.problem === undefined) return
  const { code, detail, at } = verdict.problem
  throw new CtlError(code, detail, at)
}
