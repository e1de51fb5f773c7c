import { createHash, X509Certificate } from 'node:crypto'
import type { CertificateParts } from '../certificate/certificate-parts.js'
import { type DistinguishedName, rfc4514Name } from '../certificate/distinguished-name.js'
import type { CheckedRecord } from './check-records.js'
import { type CtlProblem, type Finding, finding, quoted, type RecordChain } from './verdict.js'

/**
 * Chains of issuers (RFC 5280 §6, without policies, constraints and revocation): every given certificate is
 * trusted as it is, as a trust anchor; other certificates of the file may stand between when they are authorities.
 */

/** So many certificates of one name are tried: a file full of one name must not cost a signature for each pair. */
const MOST_CANDIDATES = 8

/** A record's chain; `namesRoot` when a given root has the issuer's name. */
export interface JudgedChain extends RecordChain {
  readonly namesRoot: boolean
}

type Answer = Omit<JudgedChain, 'record'>

/** A certificate as OpenSSL sees it, undefined when it does not. */
interface Link {
  readonly parts: CertificateParts
  readonly x509: X509Certificate | undefined
}

export function chainsOf(
  records: readonly CheckedRecord[],
  roots: readonly CertificateParts[],
): JudgedChain[] {
  const found = new ChainFinder(
    records.flatMap(({ certificate }) => certificate ?? []),
    roots,
  )
  return records.flatMap(({ certificate, number }) =>
    certificate === undefined ? [] : [{ record: number, ...found.judge(certificate) }],
  )
}

class ChainFinder {
  readonly #links = new Map<string, Link>()
  readonly #roots = new Map<string, Link[]>()
  readonly #authorities = new Map<string, Link[]>()
  readonly #rootKeys: ReadonlySet<string>
  readonly #judged = new Map<string, Answer>()

  constructor(certificates: readonly CertificateParts[], roots: readonly CertificateParts[]) {
    this.#rootKeys = new Set(roots.map(keyOf))
    for (const root of distinct(roots)) remember(this.#roots, this.#link(root))
    for (const certificate of distinct(certificates)) {
      const link = this.#link(certificate)
      if (link.x509?.ca === true) remember(this.#authorities, link)
    }
  }

  judge(parts: CertificateParts): Answer {
    const key = keyOf(parts)
    const known = this.#judged.get(key)
    if (known !== undefined) return known
    // Found again on the way up, it is its own issuer at several removes: a circle, and nobody outside it signed.
    this.#judged.set(key, { chain: 'issuer-not-given', namesRoot: false })
    const answer = this.#walk(this.#link(parts))
    this.#judged.set(key, answer)
    return answer
  }

  #walk({ parts, x509 }: Link): Answer {
    if (this.#rootKeys.has(keyOf(parts)))
      return { chain: 'root', rootSha256: sha256(parts), namesRoot: false }
    if (x509 === undefined) return { chain: 'not-checked', namesRoot: false }
    const issuer = nameKey(parts.issuerName)
    const roots = this.#roots.get(issuer) ?? []
    const root = roots.find((candidate) => isSignedBy(x509, candidate))
    if (root !== undefined) return { chain: 'root', rootSha256: sha256(root.parts), namesRoot: true }
    const namesRoot = roots.length > 0
    const isSelfIssued = issuer === nameKey(parts.subjectName)
    if (isSelfIssued && isSignedBy(x509, { parts, x509 })) return { chain: 'self-signed', namesRoot }
    const between = (this.#authorities.get(issuer) ?? []).filter((one) => keyOf(one.parts) !== keyOf(parts))
    const authority = between.find((candidate) => isSignedBy(x509, candidate))
    if (authority !== undefined) return this.judge(authority.parts)
    const isBroken = namesRoot || isSelfIssued || between.length > 0
    return { chain: isBroken ? 'broken' : 'issuer-not-given', namesRoot }
  }

  #link(parts: CertificateParts): Link {
    const key = keyOf(parts)
    const link = this.#links.get(key) ?? { parts, x509: readX509(parts.der) }
    this.#links.set(key, link)
    return link
  }
}

function remember(names: Map<string, Link[]>, link: Link): void {
  const name = nameKey(link.parts.subjectName)
  const known = names.get(name) ?? []
  if (known.length < MOST_CANDIDATES) names.set(name, [...known, link])
}

/** RFC 5280 §7.1: names are compared without regard to case and to the string type. */
const nameKey = (name: DistinguishedName): string => rfc4514Name(name).toLowerCase()

const keyOf = ({ der }: CertificateParts): string => Buffer.from(der).toString('latin1')

const distinct = (certificates: readonly CertificateParts[]): CertificateParts[] => [
  ...new Map(certificates.map((certificate) => [keyOf(certificate), certificate])).values(),
]

const sha256 = ({ der }: CertificateParts): string => createHash('sha256').update(der).digest('hex')

function readX509(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der)
  } catch {
    return undefined
  }
}

function isSignedBy(certificate: X509Certificate, issuer: Link): boolean {
  try {
    return issuer.x509 !== undefined && certificate.verify(issuer.x509.publicKey)
  } catch {
    return false
  }
}

/** A certificate that names a given root and was not signed by it is forged or damaged: the file is refused. */
export function chainProblems(chains: readonly JudgedChain[]): CtlProblem[] {
  return chains.flatMap(({ chain, namesRoot, record }): CtlProblem[] => {
    if (chain !== 'broken' || !namesRoot) return []
    const detail = `The certificate of record ${record} names a given root as its issuer, and was not signed by it.`
    return [{ code: 'CTL_CHAIN_BROKEN', detail, at: { record } }]
  })
}

export function chainFindings(chains: readonly JudgedChain[], records: readonly CheckedRecord[]): Finding[] {
  return chains.flatMap((chain) => chainFinding(chain, records))
}

function chainFinding(
  { chain, namesRoot, record }: JudgedChain,
  records: readonly CheckedRecord[],
): Finding[] {
  const issuer = quoted(rfc4514Name(records[record - 1]?.certificate?.issuerName ?? []))
  switch (chain) {
    case 'root':
      return []
    case 'self-signed':
      return [finding('CHAIN_SELF_SIGNED', 'The certificate is self-signed.', { record })]
    case 'broken':
      if (namesRoot) return []
      return [finding('CERTIFICATE_SIGNATURE_WRONG', `It was not signed by ${issuer}.`, { record })]
    case 'issuer-not-given':
      return [finding('CHAIN_ISSUER_NOT_GIVEN', `The issuer is ${issuer}.`, { record })]
    case 'not-checked':
      return [finding('CHAIN_NOT_CHECKED', 'OpenSSL does not read this certificate.', { record })]
  }
}
