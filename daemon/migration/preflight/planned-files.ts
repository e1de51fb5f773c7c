/** The files that a plan brings: what it composes, and what `utils ctl` builds at its word. Pure. */
import type { SastHolder } from '../../trust/verify/sast-by-release.js'
import type { PlanGround } from '../plan/ground.js'
import type { Action, ArtifactName, CtlRecipe } from '../plan/plan.js'
import { certificateOfServer } from '../plan/usual.js'
import { makesFiles } from '../runner/action-nature.js'

/** The recipe of a file that these actions compose and sign. */
export function recipeOf(artifact: ArtifactName, actions: readonly Action[]): CtlRecipe | undefined {
  const [from = artifact] = actions.flatMap((does) =>
    does.do === 'sign' && does.artifact === artifact ? [does.from] : [],
  )
  return actions.flatMap((does) => (does.do === 'compose' && does.artifact === from ? [does.recipe] : []))[0]
}

type ServerHolder = Exclude<SastHolder, 'token'>

export interface BuiltSast {
  readonly holder: ServerHolder
  /** The plan has regenerated it by then: another one than any that phones know. */
  readonly isNew: boolean
  /** DER; undefined where it is new, or no file shows it. */
  readonly certificate: Uint8Array | undefined
}

/**
 * The SAST certificates of what `utils ctl` builds after these actions, signer first. `reset localkey` lets the second
 * one sign (domain facts §5). Empty where the release has no such file.
 */
export function builtAfter(done: readonly Action[], ground: PlanGround): BuiltSast[] {
  const { rules } = ground
  if (rules === undefined || 'impossible' in rules.tokenless) return []
  const holders = rules.tokenless.holders.filter((holder) => holder !== 'token')
  const isLocal = isByLocalKey(done)
  if (isLocal && holders.length < 2) return []
  return (isLocal ? holders.toReversed() : holders).map((holder) => {
    const isNew = done.some((does) => regenerates(does, holder, ground))
    return { holder, isNew, certificate: isNew ? undefined : certificateOfServer(ground, holder) }
  })
}

export const isByLocalKey = (done: readonly Action[]): boolean =>
  done.findLast(makesFiles)?.do === 'reset-local-key'

const regenerates = (does: Action, holder: ServerHolder, { publisher }: PlanGround): boolean =>
  does.do === 'regenerate' &&
  (holder === 'itl-recovery'
    ? does.what === 'ITLRecovery'
    : does.what === 'CallManager' && does.node === publisher)
