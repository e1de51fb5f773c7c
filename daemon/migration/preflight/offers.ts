/**
 * The files that a plan offers to phones, one after the other, and by what phones that took the one before believe the
 * next. Pure.
 */

import type { ServerSigner } from '../plan/command-steps.js'
import { itlEntries, type PlanGround, sha256 } from '../plan/ground.js'
import type { Action, ArtifactName, CtlRecipe, Plan } from '../plan/plan.js'
import { certificateOfServer } from '../plan/usual.js'

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

/** The recipe of a file that this plan composes and signs. */
export function recipeOf(artifact: ArtifactName, done: readonly Action[]): CtlRecipe | undefined {
  const from = done.flatMap((does) =>
    does.do === 'sign' && does.artifact === artifact ? [does.from] : [],
  )[0]
  return done.flatMap((does) => (does.do === 'compose' && does.artifact === from ? [does.recipe] : []))[0]
}

function composedAs(
  artifact: ArtifactName,
  done: readonly Action[],
  base: readonly string[],
): File | undefined {
  const recipe = recipeOf(artifact, done)
  if (recipe === undefined) return undefined
  return { signer: recipe.signer, sast: recipe.sast.length > 0 ? recipe.sast : base }
}

/** What `utils ctl` makes at this point. `reset localkey` lets the second SAST sign (domain facts §5). */
function builtBy(done: readonly Action[], ground: PlanGround): File | undefined {
  const { rules } = ground
  if (rules === undefined || 'impossible' in rules.tokenless) return undefined
  const isLocal = done.findLast(isCommand)?.do === 'reset-local-key'
  const holders = rules.tokenless.holders.filter((holder) => holder !== 'token')
  const [first, second] = isLocal ? [holders[1], holders[0]] : holders
  if (first === undefined) return undefined
  const names = [first, second].flatMap((holder) =>
    holder === undefined ? [] : [nameOf(holder, done, ground)],
  )
  return { signer: names[0] ?? '', sast: names }
}

const isCommand = ({ do: what }: Action): boolean =>
  what === 'set-mode' || what === 'update-ctl-file' || what === 'reset-local-key'

/** A certificate that the plan has regenerated is another one than any that phones know. */
function nameOf(holder: ServerSigner, done: readonly Action[], ground: PlanGround): string {
  const isNew = done.some(
    (does) =>
      does.do === 'regenerate' &&
      (holder === 'itl-recovery'
        ? does.what === 'ITLRecovery'
        : does.what === 'CallManager' && does.node === ground.publisher),
  )
  const der = isNew ? undefined : certificateOfServer(ground, holder)
  return der === undefined ? `${isNew ? 'new' : 'unseen'} ${holder}` : sha256(der)
}

/** Whether some phone must ask TVS before it takes what the plan brings. */
export const needsTvs = (plan: Plan, ground: PlanGround): boolean =>
  plan.steps.some(({ until, needs }) => [...until, ...needs].some(({ is }) => is === 'tvs-trusts')) ||
  offersOf(plan, ground).some(({ by }) => by === 'tvs')
