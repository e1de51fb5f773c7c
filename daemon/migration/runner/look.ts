/** Looks at conditions: those that the journal and the tokens answer here, the others through the eyes. */
import { toProblem } from '../../problems.js'
import type { Condition } from '../plan/plan.js'
import { stepStatements } from '../plan/statements.js'
import { describeCondition } from './describe-condition.js'
import type { SeeContext, Seen } from './eyes.js'
import type { SeenRow } from './run-entry.js'
import { contextOf, type TurnAt } from './run-parts.js'
import { tokenRow } from './token-row.js'

export interface Looked {
  readonly row: SeenRow
  readonly mark?: string
}

export const rowsOf = (looked: readonly Looked[]): SeenRow[] => looked.map(({ row }) => row)
export const allHold = (rows: readonly SeenRow[]): boolean => rows.every(({ holds }) => holds === true)
export const open = (rows: readonly SeenRow[]): SeenRow[] => rows.filter(({ holds }) => holds !== true)

export function lookAt(
  turn: TurnAt,
  conditions: readonly Condition[],
  asked: SeeContext['asked'],
): Promise<Looked[]> {
  return Promise.all(
    conditions.map(async (condition, index): Promise<Looked> => {
      if (condition.is === 'token-unlocked') return { row: (await tokenRow(turn, condition.token)).row }
      const own = fromJournal(turn, condition)
      if (own !== undefined) return { row: { what: describeCondition(condition), holds: own, evidence: [] } }
      const mark = asked === 'before' ? undefined : turn.stand.marks[index]
      const context = { ...contextOf(turn), asked, ...(mark !== undefined && { mark }) }
      return toLooked(condition, await turn.parts.eyes.see(condition, context).catch(notSeen))
    }),
  )
}

/** What until now stood in `until`, by its place there. */
export const marksOf = (looked: readonly Looked[]): Record<string, string> =>
  Object.fromEntries(looked.flatMap(({ mark }, index) => (mark === undefined ? [] : [[index, mark]])))

function fromJournal(
  { entries, situation, plan, stand, step }: TurnAt,
  condition: Condition,
): boolean | undefined {
  if (condition.is === 'findings-answered') {
    return plan.steps.some(({ id, does }) => does.do === 'hard-stop' && stand.done.includes(id))
  }
  if (condition.is !== 'said') return undefined
  const { statement } = condition
  const isOfStep = stepStatements.has(statement)
  const isInJournal = entries.some(
    (entry) =>
      entry.kind === 'said' &&
      'statement' in entry.facts &&
      entry.facts.statement === statement &&
      (!isOfStep || entry.step === step.id),
  )
  return isInJournal || (!isOfStep && situation.said.some(({ code }) => code === statement))
}

function toLooked(condition: Condition, { holds, evidence, mark, never }: Seen): Looked {
  const row = {
    what: describeCondition(condition),
    holds,
    evidence: [...evidence],
    ...(never !== undefined && { never }),
  }
  return mark === undefined ? { row } : { row, mark }
}

/** A look that failed tells nothing of the condition. */
export function notSeen(error: unknown): Seen {
  const { detail, at } = toProblem(error)
  const node = at.node === undefined ? {} : { node: String(at.node) }
  return { holds: 'unknown', evidence: [{ ...node, text: detail }] }
}
