/** Which certificates the TVS nodes vouch for as SAST, by what each answered when the situation was taken. */
import { SAST } from '../../ctl/tags.js'
import { knownTrustList } from '../known-trust-list.js'
import { seen, sha256 } from '../plan/ground.js'
import type { Plan } from '../plan/plan.js'
import type { Situation } from '../situation/situation.js'
import type { PredictionRequest } from './predict.js'

export interface Vouched {
  /** By SHA-256: certificates that every TVS node vouches for. */
  readonly byAll: ReadonlyMap<string, Uint8Array>
  readonly bySome: ReadonlyMap<string, Uint8Array>
}

/** Undefined where the cluster has no TVS. `files`: where the certificates are found that TVS was asked for. */
export function vouchedByTvs(situation: Situation, files: readonly Uint8Array[]): Vouched | undefined {
  const nodes = situation.nodes.filter(({ runs }) => runs.includes('tvs'))
  if (nodes.length === 0) return undefined
  const byAll = new Map<string, Uint8Array>()
  const bySome = new Map<string, Uint8Array>()
  for (const [sum, certificate] of certificatesIn(situation, files)) {
    const vouching = nodes.filter(({ tvs }) => {
      const answer = seen(tvs?.[sum])
      return answer?.isTrusted === true && answer.roles.includes(SAST)
    })
    if (vouching.length === nodes.length) byAll.set(sum, certificate)
    else if (vouching.length > 0) bySome.set(sum, certificate)
  }
  return { byAll, bySome }
}

/**
 * What phones hear of TVS once a plan has uploaded these: it goes on only when every TVS vouches for what it uploads.
 */
export function vouchedAfter(
  now: Vouched | undefined,
  uploaded: readonly Uint8Array[],
): Pick<PredictionRequest, 'vouched' | 'vouchedBySome'> {
  if (now === undefined) return { vouched: 'not asked' }
  const sums = new Set(uploaded.map(sha256))
  const some = [...now.bySome].flatMap(([sum, certificate]) => (sums.has(sum) ? [] : [certificate]))
  return { vouched: [...now.byAll.values(), ...uploaded], vouchedBySome: some }
}

/** SHA-256 of what a plan uploads before phones are offered anything. */
export const uploadedBy = ({ steps }: Plan): string[] =>
  steps.flatMap(({ does }) => (does.do === 'upload-certificates' ? does.sha256 : []))

/** By SHA-256: those of tokens, of the files that nodes serve, and of `files`. */
export function certificatesIn(
  { tokens, nodes }: Situation,
  files: readonly Uint8Array[],
): Map<string, Uint8Array> {
  const served = nodes.flatMap(({ ctl, itl }) => [seen(ctl), seen(itl)])
  const all = [...files, ...served.filter((bytes) => bytes instanceof Uint8Array)]
  return new Map([
    ...tokens.map((token): [string, Uint8Array] => [token.sha256, token.certificate]),
    ...all
      .flatMap((bytes) => knownTrustList(bytes).certificates)
      .map(({ certificate }): [string, Uint8Array] => [sha256(certificate), certificate]),
  ])
}
