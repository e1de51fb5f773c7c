/**
 * The port that a migration acts through. It is asked once per intent in the journal, and never for a person's step.
 *
 * Resolves when the cluster (or the token) said that it was done. Rejects with the error of the client:
 * NODE_OUTCOME_UNKNOWN, or what is not one of our errors, when it may have been done; any other code only when
 * nothing has changed, or what changed is the same again when the action is repeated (`publish` on the first of
 * three nodes).
 */
import type { Caller } from '../../principal.js'
import type { Action } from '../plan/plan.js'
import type { StepContext } from './eyes.js'

export interface ActContext extends StepContext {
  /** For whom: who started or resumed the migration; for `sign`, the step on behalf of the token's custodian. */
  readonly caller: Caller
  /** Keeps bytes for this migration. What was kept first under a name stays, and is what this resolves with. */
  readonly keep: (name: string, bytes: Uint8Array | 'none') => Promise<Uint8Array | 'none'>
}

export interface ActionOutcome {
  /** What the cluster answered, a line each. */
  readonly lines: readonly string[]
}

export interface Hands {
  readonly act: (action: Action, context: ActContext) => Promise<ActionOutcome>
}
