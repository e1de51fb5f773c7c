/** A token as the API tells it: certificates are fetched one by one, their bytes are left out. */
import type { CertificateView, TokenView } from '../tokens/token-view.js'

export function certificateJson({ der: _der, ...rest }: CertificateView) {
  return rest
}

export function tokenJson({ certificates, ...token }: TokenView) {
  return { ...token, certificates: certificates.map(certificateJson) }
}
