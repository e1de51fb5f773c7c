/** Why the desk does not do what it is asked. */
import { BridgeError } from '../../bridge-error.js'
import type { Tokens } from '../../tokens/tokens.js'
import type { Condition, NoPlan, Plan, StatementCode, Step } from '../plan/plan.js'
import { saidAtItsStep, stepStatements } from '../plan/statements.js'
import { isNoPlan } from '../plan/usual.js'
import type { PhoneReading } from '../runner/eyes.js'
import { notAsked } from '../runner/refuse-answer.js'
import { ALL_OTHERS, isUnread } from '../runner/seeing/see-phones.js'
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

/** Each is said when it can be: at the step that asks for it, or of a journal that is there. */
export function refuseEarly(said: readonly StatementCode[]): void {
  for (const [index, statement] of said.entries()) {
    if (!stepStatements.has(statement) && statement !== 'CLOCK_IS_RIGHT') continue
    const why =
      statement === 'CLOCK_IS_RIGHT'
        ? 'CLOCK_IS_RIGHT is said of a migration that was stopped for its clock.'
        : saidAtItsStep(statement)
    throw new BridgeError('BODY_INVALID', `${why} It cannot be said at the start.`, {
      pointer: `/said/${index}`,
    })
  }
}

/** A reading at another step would be of no file; a word on all the others, of phones that were not reset yet. */
export function requireReadings(
  migration: string,
  { id, until }: Step,
  readings: readonly Pick<PhoneReading, 'device' | 'model' | 'took'>[],
): void {
  const isAwaited = (is: Condition['is']) => until.some((condition) => condition.is === is)
  if (!isAwaited('pilots-accepted') && !isAwaited('fleet-answered')) {
    throw notAsked(migration, 'The step waits for no reading of a phone.', id)
  }
  const wrong = readings.find(
    ({ device, model, took }) => took === 'unread' && (device !== ALL_OTHERS || model === undefined),
  )
  if (wrong !== undefined) {
    const why = `unread is said of a model: the device ${ALL_OTHERS}, and its model. A phone that can be read accepted or refused the file.`
    throw notAsked(migration, why, id)
  }
  const words = readings.filter((reading) => reading.device === ALL_OTHERS && !isUnread(reading))
  if (isAwaited('fleet-answered') || words.length === 0) return
  const why = `A reading for ${ALL_OTHERS} is for the step at which all phones are reset. The pilots are read one by one, each by its name.`
  throw notAsked(migration, why, id)
}

/** Two tokens and one port: the other one is still in. No PIN is tried. */
export function refuseOther(tokens: Pick<Tokens, 'list'>, planned: string, step: string): void {
  const plugged = tokens.list().filter(({ state }) => state !== 'absent')
  const [other] = plugged
  if (other !== undefined && !plugged.some(({ serial }) => serial === planned)) {
    throw notPlanned(other.serial, planned, step)
  }
}
