import { X509Certificate } from 'node:crypto'
import { sameBytes } from '../../ctl/bytes.js'
import type { CertificateParts } from '../certificate/certificate-parts.js'
import { rfc4514Name } from '../certificate/distinguished-name.js'

/** Where a certificate stands among those of the same file. Whether it is trusted is not said. */
export interface ChainPlace {
  /** Whether its own key made its signature. */
  readonly selfSigned: boolean
  /** Numbers of the records, from 1, with another certificate whose key made its signature. */
  readonly issuedBy: readonly number[]
  /** Numbers of the records whose certificate has its issuer's name, and whose key did not make its signature. */
  readonly sameNameOnly: readonly number[]
}

/**
 * A file that phones load has some forty certificates. The bound keeps a hostile one, in which every name is the
 * same, from costing minutes; what lies beyond has no place.
 */
const MOST_CHECKS = 2000

/** The place of each certificate, in the order of the records; undefined where there is none. */
export function chainWithin(
  certificates: readonly (CertificateParts | undefined)[],
): (ChainPlace | undefined)[] {
  const bySubject = new Map<string, number[]>()
  for (const [index, certificate] of certificates.entries()) {
    if (certificate === undefined) continue
    const subject = rfc4514Name(certificate.subjectName)
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), index])
  }
  let checks = 0
  return certificates.map((certificate) => {
    if (certificate === undefined) return undefined
    const candidates = bySubject.get(rfc4514Name(certificate.issuerName)) ?? []
    checks += candidates.length
    if (checks > MOST_CHECKS) return undefined
    return placeOf(certificate, candidates, certificates)
  })
}

function placeOf(
  certificate: CertificateParts,
  candidates: readonly number[],
  certificates: readonly (CertificateParts | undefined)[],
): ChainPlace {
  const issuedBy: number[] = []
  const sameNameOnly: number[] = []
  for (const index of candidates) {
    const issuer = certificates[index]
    // The publisher stands in two records with one certificate: that is no chain.
    if (issuer === undefined || sameBytes(issuer.der, certificate.der)) continue
    const made = signatureIsOf(certificate, issuer)
    const numbers = made ? issuedBy : sameNameOnly
    numbers.push(index + 1)
  }
  return { selfSigned: signatureIsOf(certificate, certificate), issuedBy, sameNameOnly }
}

function signatureIsOf(certificate: CertificateParts, issuer: CertificateParts): boolean {
  try {
    return read(certificate).verify(read(issuer).publicKey)
  } catch {
    // OpenSSL does not know the key or the algorithm.
    return false
  }
}

const read = ({ der }: CertificateParts): X509Certificate => new X509Certificate(der)
