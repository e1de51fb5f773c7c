/** What must hold before a step is begun. People's answers are waited for; else the migration stops, nothing done. */
import { BridgeError } from '../../bridge-error.js'
import type { Condition } from '../plan/plan.js'
import { actionNatures } from './action-nature.js'
import { lookAt, marksOf, open, rowsOf } from './look.js'
import type { SeenRow } from './run-entry.js'
import type { Turn, TurnAt } from './run-parts.js'

const answeredByPeople: readonly Condition['is'][] = [
  'token-unlocked',
  'said',
  'findings-answered',
  'pilots-accepted',
  'fleet-answered',
]

export interface Begun {
  /** What tells afterwards that the step was done. */
  readonly marks: Readonly<Record<string, string>>
}

export async function begin(turn: TurnAt, go: (begun: Begun) => Promise<Turn>): Promise<Turn> {
  const { step, parts, unmetLooks } = turn
  const rows = rowsOf(await lookAt(turn, step.needs, 'before'))
  const unmet = open(rows)
  if (unmet.length > 0) {
    const isForPeople = step.needs.every(
      ({ is }, index) => rows[index]?.holds === true || answeredByPeople.includes(is),
    )
    if (isForPeople) return { is: 'wait', for: unmet }
    if (unmetLooks + 1 < parts.pace.looks) return { is: 'wait', for: unmet, isUnmet: true }
    return { is: 'stop', error: needsUnmet(turn, unmet) }
  }
  if (actionNatures[step.does.do].effect !== 'event') return go({ marks: {} })
  return go({ marks: marksOf(await lookAt(turn, step.until, 'before')) })
}

function needsUnmet({ step }: TurnAt, unmet: readonly SeenRow[]): BridgeError {
  const told = unmet.map(({ what, evidence }) => {
    const seen = evidence.map(({ node, text }) => (node === undefined ? text : `${node}: ${text}`))
    return [what, ...seen].join('; ')
  })
  const how = step.does.do === 'wait' ? ['', ...step.instructions].join(' ') : ''
  const detail = `Before “${step.title}” this must hold: ${told.join(' · ')}${how}`
  return new BridgeError('MIGRATION_NEEDS_UNMET', detail, { step: step.id })
}
