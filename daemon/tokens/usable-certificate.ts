import { TokenError } from '../../drivers/token.js'
import type { KnownCertificate } from './known-certificate.js'
import type { KnownToken } from './token-inventory.js'

/** The token's certificate with this digest. KEY_UNUSABLE when there is none or it may not sign. */
export function usableCertificate({ snapshot, certificates }: KnownToken, sha256: string): KnownCertificate {
  const { serial } = snapshot
  const certificate = certificates.find(({ view }) => view.sha256 === sha256)
  if (certificate === undefined) {
    const detail = `The token ${serial} has no certificate with the SHA-256 digest ${sha256}.`
    throw new TokenError('KEY_UNUSABLE', detail, { token: serial, reached: 'no' })
  }
  const { maySign, whyNot, label } = certificate.view
  if (maySign) return certificate
  const detail = `The certificate "${label}" of the token ${serial} cannot sign: ${whyNot ?? 'no reason is known'}.`
  throw new TokenError('KEY_UNUSABLE', detail, { token: serial, reached: 'no' })
}
