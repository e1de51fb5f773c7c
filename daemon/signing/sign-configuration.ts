/** Signs a configuration file with a certificate of the token: `SEP….cnf.xml` becomes `SEP….cnf.xml.sgn`. */
import type { SgnLayoutName } from '../ctl/compose-sgn.js'
import { CtlError } from '../ctl/ctl-error.js'
import { insertSgnSignature, type SignedSgn, takeSgnToBeSigned, type UnsignedSgn } from '../ctl/sgn-file.js'
import type { CtlDigest } from '../ctl/tags.js'
import type { Signature } from '../ctl/to-be-signed.js'
import type { Caller } from '../principal.js'
import { composeSgn } from '../trust/sgn/compose-sgn.js'
import { verifySgnFile } from '../trust/sgn/verify-sgn-file.js'
import { type SigningParts, signFile } from './sign-file.js'
import { tokenCertificate } from './token-certificate.js'

export interface SignConfigurationRequest {
  readonly token: string
  /** SHA-256 of one of its certificates; may be left out when one may sign. */
  readonly certificate?: string | undefined
  /** What FILENAME says. */
  readonly fileName: string
  readonly digest: CtlDigest
  readonly layout: SgnLayoutName
  /** Seconds since 1970, UTC. */
  readonly timestamp: number
  readonly payload: Uint8Array
}

/** Signs once and rejects with SGN_…, CTL_…, TOKEN_…, CERTIFICATE_UNKNOWN or AUDIT_NOT_WRITABLE. */
export async function signConfiguration(
  parts: SigningParts,
  caller: Caller,
  { token, certificate: wanted, ...request }: SignConfigurationRequest,
): Promise<SignedSgn> {
  const { sha256, der } = tokenCertificate(parts.tokens.get(token), wanted)
  const draft = composeSgn({ ...request, certificate: der })
  return await signFile(parts, caller, {
    action: 'configuration.sign',
    token,
    certificate: sha256,
    digest: request.digest,
    message: takeSgnToBeSigned(draft),
    facts: { file: request.fileName, bytes: draft.length },
    finish: (signature) => finish(draft, signature, der),
  })
}

function finish(draft: UnsignedSgn, signature: Signature, certificate: Uint8Array): SignedSgn {
  const signed = insertSgnSignature(draft, signature)
  const { problem } = verifySgnFile(signed, { certificate })
  if (problem !== undefined) throw new CtlError(problem.code, problem.detail, problem.at)
  return signed
}
