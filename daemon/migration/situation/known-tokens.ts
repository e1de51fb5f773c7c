/** The tokens that are plugged in here, or were, with the certificate that may stand as SAST. */
import type { CertificateView, TokenView } from '../../tokens/token-view.js'
import { readCertificateParts } from '../../trust/certificate/certificate-parts.js'
import { isCiscoSast } from '../../trust/certificate/sast-names.js'
import type { KnownToken } from './situation.js'

/** What a situation needs of `daemon/tokens`. */
export interface KnownTokens {
  readonly list: () => readonly TokenView[]
}

/** Those without a certificate that may sign are left out. */
export function knownTokens(tokens: KnownTokens): KnownToken[] {
  return tokens.list().flatMap(({ serial, label, state, certificates }): KnownToken[] => {
    const usable = certificates.filter(({ maySign }) => maySign)
    const chosen = usable.find(isCiscos) ?? usable[0]
    if (chosen === undefined) return []
    return [
      {
        serial,
        label,
        isPluggedIn: state !== 'absent',
        certificate: chosen.der,
        sha256: chosen.sha256,
        isCiscos: isCiscos(chosen),
      },
    ]
  })
}

function isCiscos({ der }: CertificateView): boolean {
  try {
    const { subjectName, issuerName } = readCertificateParts(der)
    return isCiscoSast(subjectName, issuerName)
  } catch {
    return false
  }
}
