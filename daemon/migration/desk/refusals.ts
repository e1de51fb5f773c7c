/** Why the desk does not do what it is asked. */
import { BridgeError } from '../../bridge-error.js'
import type { Tokens } from '../../tokens/tokens.js'
import type { NoPlan, Plan, Step } from '../plan/plan.js'
import { isNoPlan } from '../plan/usual.js'
import { notPlanned } from '../runner/token-row.js'

export const unknownMigration = (migration: string): BridgeError =>
  new BridgeError('MIGRATION_UNKNOWN', `There is no migration ${migration}.`, { migration })

export const isOpenError = (cluster: string, migration: string): BridgeError =>
  new BridgeError('MIGRATION_OPEN', `The migration ${migration} of the cluster ${cluster} has not ended.`, {
    cluster,
    migration,
  })

export function required(plan: Plan | NoPlan, cluster: string): Plan {
  if (!isNoPlan(plan)) return plan
  throw new BridgeError('MIGRATION_IMPOSSIBLE', `${plan.impossible} ${plan.instead}`, { cluster })
}

export const notAsked = (migration: string, why: string, step?: string): BridgeError =>
  new BridgeError('MIGRATION_NOTHING_TO_ANSWER', why, { migration, ...(step !== undefined && { step }) })

/** A reading at another step would be of no file. */
export function requireReadings(migration: string, { id, until }: Step): void {
  if (until.some(({ is }) => is === 'pilots-accepted' || is === 'fleet-answered')) return
  throw notAsked(migration, 'The step waits for no reading of a phone.', id)
}

/** Two tokens and one port: the other one is still in. No PIN is tried. */
export function refuseOther(tokens: Pick<Tokens, 'list'>, planned: string, step: string): void {
  const plugged = tokens.list().filter(({ state }) => state !== 'absent')
  const [other] = plugged
  if (other !== undefined && !plugged.some(({ serial }) => serial === planned)) {
    throw notPlanned(other.serial, planned, step)
  }
}
