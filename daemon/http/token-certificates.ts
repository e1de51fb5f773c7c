import type { KnownTokenCertificate } from '../cluster/observe/ask-tvs.js'
import type { TokenView } from '../tokens/token-view.js'

/** Certificates that may stand as SAST in a CTL, of tokens that are plugged in or were. */
export function tokenCertificates(tokens: readonly TokenView[]): KnownTokenCertificate[] {
  return tokens.flatMap(({ serial, certificates }) =>
    certificates.flatMap(({ sha256, subject, der, maySign }) =>
      maySign && subject !== null ? [{ token: serial, sha256, subject, der }] : [],
    ),
  )
}
