/**
 * Whether TVS of a node trusts the certificates that matter: those of the tokens known here, and those that a
 * served CTL lists as SAST. A good answer is necessary and no proof: phones ask by the serial in their CTL.
 */
import type { ClusterNode } from '../configuration/cluster-schema.js'
import type { Tvs } from '../ports.js'
import type { InTurn } from './ask.js'
import type { AskedCertificate, TvsReading } from './observation.js'
import type { ReadFile } from './read-served-file.js'
import type { Steps } from './steps.js'

/** A certificate on a token that is plugged in here, or was. */
export interface KnownTokenCertificate {
  /** Serial of the token. */
  readonly token: string
  readonly sha256: string
  readonly subject: string
  readonly der: Uint8Array
}

export interface CertificateToAsk extends AskedCertificate {
  readonly der: Uint8Array
}

/** Each certificate once, those of tokens first. */
export function certificatesToAsk(
  files: Iterable<ReadFile>,
  tokens: readonly KnownTokenCertificate[],
): CertificateToAsk[] {
  const sasts = [...files].flatMap((file) => file.sasts)
  const inCtl = new Set(sasts.map(({ sha256 }) => sha256))
  const found = new Map<string, CertificateToAsk>()
  for (const { token, sha256, subject, der } of tokens) {
    const holders = [...(found.get(sha256)?.tokens ?? []), token]
    found.set(sha256, { sha256, subject, der, tokens: [...new Set(holders)], inCtl: inCtl.has(sha256) })
  }
  for (const { sha256, subject, der } of sasts) {
    if (!found.has(sha256)) found.set(sha256, { sha256, subject, der, tokens: [], inCtl: true })
  }
  return [...found.values()]
}

export function askTvs(
  { name }: ClusterNode,
  tvs: Tvs,
  certificates: readonly CertificateToAsk[],
  { steps, turn }: { readonly steps: Steps; readonly turn: InTurn },
): Promise<TvsReading[]> {
  steps.expect(certificates.length)
  return Promise.all(
    certificates.map(async ({ sha256, subject, tokens, der }) => {
      const [token] = tokens
      const question = `TVS about ${token === undefined ? subject : `token ${token}`}`
      return {
        certificate: sha256,
        asked: await steps.take(
          name,
          question,
          turn.ask(() => tvs.verify(der)),
        ),
      }
    }),
  )
}
