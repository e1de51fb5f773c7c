import { BridgeError } from '../bridge-error.js'
import type { CertificateView, TokenView } from '../tokens/token-view.js'

/** The certificate of a token: the one named by SHA-256, else the only one that may sign. Throws CERTIFICATE_UNKNOWN. */
export function tokenCertificate(
  { serial, certificates }: Pick<TokenView, 'serial' | 'certificates'>,
  wanted: string | undefined,
): CertificateView {
  const [found, another] = certificates.filter(({ sha256, maySign }) =>
    wanted === undefined ? maySign : sha256 === wanted,
  )
  if (found !== undefined && another === undefined) return found
  const detail =
    another === undefined
      ? `Token ${serial} has no ${wanted === undefined ? 'certificate that may sign' : 'such certificate'}.`
      : `Token ${serial} has several certificates that may sign; name one by its SHA-256.`
  throw new BridgeError('CERTIFICATE_UNKNOWN', detail, { token: serial })
}
