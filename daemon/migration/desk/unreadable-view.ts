/**
 * A migration whose journal or plan cannot be read, as far as its row in the store tells: it is seen, named and ended
 * all the same. Pure.
 */
import { BridgeError } from '../../bridge-error.js'
import { toProblem } from '../../problems.js'
import { isOpen, type KeptMigration } from '../../store/migration-journal.js'
import type { Plan, PlanId } from '../plan/plan.js'
import { decodePlan } from '../runner/record-text.js'
import type { MigrationView } from './migrations.js'

/** Nothing is done by it any more, so an open one is `stopped`. */
export function unreadableView(kept: KeptMigration, why: unknown): MigrationView {
  const { code, detail, remedy, at } = toProblem(
    why instanceof BridgeError
      ? why
      : new BridgeError('MIGRATION_JOURNAL_WRONG', 'What the store keeps of it cannot be read.'),
  )
  return {
    id: kept.id,
    cluster: kept.cluster,
    plan: planOf(kept),
    state: isOpen(kept.state) ? 'stopped' : kept.state,
    startedAt: kept.startedAt,
    startedBy: kept.startedBy,
    ...(kept.rollbackOf !== undefined && { rollbackOf: kept.rollbackOf }),
    steps: [],
    findings: [],
    waits: [],
    stopped: { by: 'daemon', code, detail, remedy, at },
    said: [],
    readings: [],
    files: [],
  }
}

/** Its head, where that much of the plan can be read; its steps are not told, since nobody knows where it stands. */
function planOf({ plan, planId, cluster }: KeptMigration): Plan {
  const bare: Plan = {
    id: planId as PlanId,
    cluster,
    title: planId,
    release: undefined,
    steps: [],
    tokens: [],
    assumptions: [],
    interruptions: [],
  }
  try {
    const { title, release } = decodePlan(plan)
    return typeof title === 'string' ? { ...bare, title, release } : bare
  } catch {
    return bare
  }
}
