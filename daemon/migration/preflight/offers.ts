/**
 * The files that a plan offers to phones, one after the other, and by what phones that took the one before believe the
 * next. Pure.
 */
import { itlEntries, type PlanGround, sha256 } from '../plan/ground.js'
import type { Action, ArtifactName, Plan } from '../plan/plan.js'
import { builtAfter, recipeOf } from './planned-files.js'

export interface Offer {
  readonly artifact: ArtifactName
  /** `first`: phones hold no CTL · `held`: what they hold lists the signer · `tvs`: they must ask. */
  readonly by: 'first' | 'held' | 'tvs'
  /** SHA-256, or a name for a certificate that does not exist yet. */
  readonly signer: string
  /** Whether a token signs it. */
  readonly isTokens: boolean
  /** Of a first one: whether the ITL that phones have lists the signer. */
  readonly isInItl: boolean
}

interface File {
  readonly signer: string
  readonly sast: readonly string[]
}

export function offersOf(plan: Plan, ground: PlanGround): Offer[] {
  let held: readonly string[] | undefined = ground.file?.sast.map((listed) => listed.sha256)
  const itl = new Set(itlEntries(ground).map((entry) => entry.sha256))
  const tokens = new Set(ground.situation.tokens.map((token) => token.sha256))
  const done: Action[] = []
  const offers: Offer[] = []
  for (const { does } of plan.steps) {
    done.push(does)
    const artifact = offeredBy(does)
    if (artifact === undefined || offers.some((offer) => offer.artifact === artifact)) continue
    const file = composedAs(artifact, done, held ?? []) ?? builtBy(done, ground)
    if (file === undefined) continue
    const { signer, sast } = file
    const by = held === undefined ? 'first' : held.includes(signer) ? 'held' : 'tvs'
    offers.push({ artifact, by, signer, isTokens: tokens.has(signer), isInItl: itl.has(signer) })
    held = sast
  }
  return offers
}

const offeredBy = (does: Action): ArtifactName | undefined =>
  (does.do === 'publish' && does.artifact !== 'before') || does.do === 'keep-served'
    ? does.artifact
    : undefined

function composedAs(
  artifact: ArtifactName,
  done: readonly Action[],
  base: readonly string[],
): File | undefined {
  const recipe = recipeOf(artifact, done)
  if (recipe === undefined) return undefined
  return { signer: recipe.signer, sast: recipe.sast.length > 0 ? recipe.sast : base }
}

/** What `utils ctl` makes at this point. */
function builtBy(done: readonly Action[], ground: PlanGround): File | undefined {
  const sast = builtAfter(done, ground).map(({ holder, isNew, certificate }) =>
    certificate === undefined ? `${isNew ? 'new' : 'unseen'} ${holder}` : sha256(certificate),
  )
  const [signer] = sast
  return signer === undefined ? undefined : { signer, sast }
}

/** Whether some phone must ask TVS before it takes what the plan brings. */
export const needsTvs = (plan: Plan, ground: PlanGround): boolean =>
  plan.steps.some(({ until, needs }) => [...until, ...needs].some(({ is }) => is === 'tvs-trusts')) ||
  offersOf(plan, ground).some(({ by }) => by === 'tvs')
