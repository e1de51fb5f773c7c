/** Statements that a step of its own asks for: said anywhere else they would fulfil that step before it was begun. */
import type { StatementCode } from '../plan/plan.js'

export const askedByStep: ReadonlySet<StatementCode> = new Set<StatementCode>([
  'SERVICES_RESTARTED',
  'SWITCH_BACK_FILE_CHECKED',
  'UPLOADS_SETTLED',
  'GO',
])

export const saidAtItsStep = (statement: StatementCode): string =>
  statement === 'GO'
    ? 'GO is said at the hard stop.'
    : `${statement} is said at the step that asks for it, once that has begun.`
