/** The report of a migration, at any time: pure, of what the store holds. */
import { isOpen, type KeptMigration } from '../../store/migration-journal.js'
import type { MigrationRecord } from '../migration-record.js'
import type { StopFacts } from '../runner/run-entry.js'
import { reportedFindings, reportedStatements } from './answers.js'
import { inShort, toDo } from './in-short.js'
import { reportedSteps, reportedStops } from './journal-lines.js'
import { nodeFiles } from './node-files.js'
import { phoneTables } from './phone-tables.js'
import type { MigrationReport, ReportedMigration, ReportedStop } from './report.js'

export interface ReportRequest {
  readonly kept: Pick<KeptMigration, 'id' | 'cluster' | 'state' | 'startedAt' | 'startedBy' | 'rollbackOf'>
  readonly record: MigrationRecord
  /** ISO 8601, UTC. */
  readonly madeAt: string
  /** Why its last run ended without a word in the journal. */
  readonly broken?: StopFacts
}

export function makeReport({ kept, record, madeAt, broken }: ReportRequest): MigrationReport {
  const rest = {
    madeAt,
    migration: reportedMigration(broken === undefined ? kept : { ...kept, state: 'stopped' }, record),
    phones: phoneTables(record, isOpen(kept.state)),
    files: nodeFiles(record),
    findings: reportedFindings(record),
    statements: reportedStatements(record),
    steps: reportedSteps(record),
    stops: [...reportedStops(record.entries), ...(broken === undefined ? [] : [brokenStop(broken, madeAt)])],
    assumptions: record.plan.assumptions,
  }
  return { ...rest, inShort: inShort(rest), toDo: toDo(rest, record.plan.steps) }
}

/** When it was, no journal says. */
const brokenStop = ({ by, code, detail, remedy, at: { step } }: StopFacts, at: string): ReportedStop => ({
  at,
  by,
  ...(step !== undefined && { step: String(step) }),
  code,
  detail,
  remedy,
})

function reportedMigration(
  { id, cluster, state, startedAt, startedBy, rollbackOf }: ReportRequest['kept'],
  { plan, situation, entries }: MigrationRecord,
): ReportedMigration {
  const last = entries.at(-1)
  return {
    id,
    cluster,
    kind: situation.kind,
    plan: plan.id,
    title: plan.title,
    ...(plan.release !== undefined && { release: plan.release }),
    state,
    startedAt,
    startedBy: startedBy.name,
    ...(!isOpen(state) && last !== undefined && { endedAt: last.at }),
    ...(rollbackOf !== undefined && { rollbackOf }),
  }
}
