/** Whether a certificate is the one that the settings mean. Pure. */
import type { TlsTarget } from './tls-trust.js'

/** A certificate as a node showed it. */
export interface SeenCertificate {
  readonly subject: string
  /** SHA-256, lower-case hex. */
  readonly fingerprint: string
  /** Undefined for keys that are not RSA. */
  readonly rsaBits: number | undefined
  /** OpenSSL's code when it does not lead to `caPem`. */
  readonly chainError: string | undefined
  /** Whether it is for this name or address. */
  readonly isFor: (host: string) => boolean
}

const LEAST_RSA_BITS = 2048

/** What speaks against the certificate, as one or two sentences for a person; undefined when nothing does. */
export function objectionTo(seen: SeenCertificate, target: TlsTarget): string | undefined {
  const { trust } = target
  if (trust.fingerprint === undefined && trust.caPem === undefined) return unknownCertificate(seen, target)
  if (trust.fingerprint !== undefined) return byPin(seen, target) ?? weakKey(seen, target)
  return weakKey(seen, target) ?? byAuthority(seen, target)
}

function unknownCertificate(seen: SeenCertificate, { fingerprintSetting }: TlsTarget): string {
  return `The settings do not say which certificate this node has. It shows ${shown(seen)}. If that is the node's own, add ${fingerprintSetting} = "${seen.fingerprint}" to the node, or tls.ca_file to the cluster.`
}

function byPin(seen: SeenCertificate, { trust, fingerprintSetting }: TlsTarget): string | undefined {
  if (seen.fingerprint === trust.fingerprint) return undefined
  return `The certificate changed: the node shows ${shown(seen)}, and ${fingerprintSetting} in the settings says ${trust.fingerprint}.`
}

function byAuthority(seen: SeenCertificate, target: TlsTarget): string | undefined {
  const { trust, host, fingerprintSetting } = target
  const pin = `If it is the node's own all the same, pin it: ${fingerprintSetting} = "${seen.fingerprint}".`
  if (seen.chainError !== undefined) {
    const mayHelp = !trust.weakKeys && isAboutWeakness(seen.chainError)
    const hint = mayHelp ? ' tls.weak_keys = true would allow that.' : ''
    return `${capital(shown(seen))} is not vouched for by tls.ca_file: ${chainReason(seen.chainError)}.${hint} ${pin}`
  }
  // CUCM's certificates bear host names, and settings often give addresses: the node's name counts as well.
  if (seen.isFor(host) || seen.isFor(trust.node)) return undefined
  return `${capital(shown(seen))} is for another host than ${host} or ${trust.node}. ${pin}`
}

function weakKey(seen: SeenCertificate, { trust }: TlsTarget): string | undefined {
  const { rsaBits } = seen
  if (trust.weakKeys || rsaBits === undefined || rsaBits >= LEAST_RSA_BITS) return undefined
  return `The certificate's RSA key has ${rsaBits} bits, which is too few (${shown(seen)}). Old releases have such keys: tls.weak_keys = true in the cluster's settings allows them.`
}

const shown = ({ subject, fingerprint }: SeenCertificate): string =>
  `the certificate ${JSON.stringify(subject)} with the SHA-256 fingerprint ${fingerprint}`

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

/** Node has no code of its own for OpenSSL's three complaints about strength. */
const isAboutWeakness = (code: string): boolean => /KEY_TOO_SMALL|MD_TOO_WEAK|UNSPECIFIED/.test(code)

function chainReason(code: string): string {
  const words: Readonly<Record<string, string>> = {
    CERT_HAS_EXPIRED: 'it has expired',
    CERT_NOT_YET_VALID: 'it is not valid yet',
    CERT_REVOKED: 'it was revoked',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed and not in that file',
    SELF_SIGNED_CERT_IN_CHAIN: 'its chain ends in a certificate that is not in that file',
    UNABLE_TO_GET_ISSUER_CERT: 'its issuer is not in that file',
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is not in that file',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is not in that file',
    UNSPECIFIED: 'a key in its chain is too small, or it is signed with SHA-1 or MD5',
    EE_KEY_TOO_SMALL: 'its key is too small',
    CA_KEY_TOO_SMALL: 'a key in its chain is too small',
    CA_MD_TOO_WEAK: 'its chain is signed with SHA-1 or MD5',
  }
  return words[code] ?? code
}
