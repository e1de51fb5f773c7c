/** What every plan must keep to, whoever made it. What does not is not begun. */
import { BridgeError } from '../../bridge-error.js'
import type { Plan, Step } from '../plan/plan.js'
import { actionNatures } from './action-nature.js'

/** Throws MIGRATION_PLAN_UNSAFE. */
export function checkPlan(plan: Plan): void {
  const before: Step[] = []
  if (plan.steps.length === 0) throw unsafe(undefined, 'it has no steps')
  for (const step of plan.steps) {
    const why = whatIsWrong(step, before)
    if (why !== undefined) throw unsafe(step, why)
    before.push(step)
  }
}

const unsafe = (step: Step | undefined, why: string): BridgeError =>
  new BridgeError(
    'MIGRATION_PLAN_UNSAFE',
    step === undefined ? `The plan: ${why}.` : `Step ${step.id}: ${why}.`,
    step === undefined ? {} : { step: step.id },
  )

function whatIsWrong(step: Step, before: readonly Step[]): string | undefined {
  const { does, actor, until, instructions } = step
  const had = (action: Step['does']['do']): boolean => before.some((other) => other.does.do === action)
  const { changesPhones, repeat } = actionNatures[does.do]
  if (before.some(({ id }) => id === step.id)) return 'its id is there twice'
  if ((actor === 'token') !== (does.do === 'sign')) return 'a token signs, and nobody else does'
  if (actor === 'person' && instructions.length === 0) return 'the person is not told what to do'
  if (actor === 'person' && until.length === 0 && does.do !== 'confirm' && does.do !== 'hard-stop') {
    return 'a person is believed only when the effect is seen, and it names none'
  }
  if (actor !== 'person' && repeat === 'by-person' && until.length === 0) {
    return 'nobody could tell after an interruption whether it was done'
  }
  if (changesPhones && !had('hard-stop')) return 'no hard stop stands before it'
  if (changesPhones && does.do !== 'reset-phones' && !had('keep-files')) {
    return 'the files of the nodes are not kept before it'
  }
  return does.do === 'reset-phones' && does.which === 'all' ? pilotsMissing(before) : undefined
}

/** Pilots first and alone, and only their acceptance lets the rest follow. */
function pilotsMissing(before: readonly Step[]): string | undefined {
  const pilots = before.findIndex(({ does }) => does.do === 'reset-phones' && does.which === 'pilots')
  if (pilots < 0) return 'all phones are reset, and no pilots before them'
  const isAwaited = before.slice(pilots).some(({ until }) => until.some(({ is }) => is === 'pilots-accepted'))
  return isAwaited ? undefined : 'all phones are reset before the pilots are known to have taken the file'
}
