/**
 * Signs a CTL whose header already names a certificate of the token: the way from a draft to bytes
 * that may leave. Both audit entries must be on disk, and the finished file must verify, or nothing
 * is returned.
 */
import { createHash } from 'node:crypto'
import type { SignAlgorithm } from '../../drivers/token.js'
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
import { toProblem } from '../problems.js'
import type { AuditLog, NewAuditEntry } from '../store/audit-log.js'
import type { TokenView } from '../tokens/token-view.js'
import type { CtlVerdict } from '../trust/verdict.js'
import { verifyCtlFile } from '../trust/verify-ctl-file.js'

/** What signing needs of `daemon/tokens`. */
export interface SigningTokens {
  get(serial: string): TokenView
  sign(
    caller: Caller,
    serial: string,
    certificateSha256: string,
    algorithm: SignAlgorithm,
    message: Uint8Array,
  ): Promise<{ readonly signature: Uint8Array }>
}

export interface SignCtlRequest {
  readonly token: string
  /** A composed draft, or a file that was signed before: its signature is replaced. */
  readonly file: Uint8Array
}

const algorithms = { sha1: 'rsa-sha1', sha256: 'rsa-sha256', sha512: 'rsa-sha512' } as const
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Signs once and rejects with CTL_…, TOKEN_…, SIGNER_NOT_ON_TOKEN or AUDIT_NOT_WRITABLE. */
export async function signCtlFile(
  { tokens, audit }: { tokens: SigningTokens; audit: AuditLog },
  caller: Caller,
  { token, file }: SignCtlRequest,
): Promise<SignedCtl> {
  const { certificate, digest } = signerOf(file)
  if (!tokens.get(token).certificates.some((held) => held.sha256 === certificate)) {
    throw new BridgeError('SIGNER_NOT_ON_TOKEN', 'The signer named in the file is not on this token.', {
      token,
      certificate,
    })
  }
  const message = takeToBeSigned(file)
  const facts = { token, certificate, digest, bytes: file.length, toBeSignedSha256: sha256(message) }
  const entry = (rest: Pick<NewAuditEntry, 'phase' | 'outcome' | 'facts'>): NewAuditEntry => ({
    principal: { keyId: caller.principal.keyId, name: caller.principal.name },
    requestId: caller.requestId,
    action: 'ctl.sign',
    ...rest,
  })

  await audit.append(entry({ phase: 'intent', facts }))
  try {
    const { signature } = await tokens.sign(caller, token, certificate, algorithms[digest], message)
    const signed = insertSignature(file as UnsignedCtl, signature as Signature)
    refuseUnlessValid(verifyCtlFile(signed))
    await audit.append(
      entry({ phase: 'outcome', outcome: 'ok', facts: { ...facts, signedSha256: sha256(signed) } }),
    )
    return signed
  } catch (error) {
    const { code } = toProblem(error)
    if (code !== 'AUDIT_NOT_WRITABLE') await audit.append(entry({ phase: 'outcome', outcome: code, facts }))
    throw error
  }
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
