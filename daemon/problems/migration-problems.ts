/** Why a migration is refused, or stopped where nothing is half done. */
import type { BridgeErrorCode } from '../bridge-error.js'
import { machine, node, type ProblemEntry, request, token } from './problem-entry.js'

export type MigrationErrorCode = Extract<BridgeErrorCode, `MIGRATION_${string}`>

export const migrationProblems: Record<MigrationErrorCode, ProblemEntry> = {
  MIGRATION_CLOCK_JUMPED: machine(
    409,
    'The clock of this machine is behind the journal of a migration',
    'Set the clock, by NTP if there is one, then resume. If it is right now and was ahead before, say so, then resume: ctl-bridge migrate say CLOCK_IS_RIGHT. The journal keeps its order; only the times in it are wrong.',
  ),
  MIGRATION_CLUSTER_CHANGED: node(
    409,
    'Somebody else changes this cluster',
    'Find out who: another administrator, a CTL Client, a script. Put back what the detail names, then resume; or end this migration (ctl-bridge migrate abandon) and make a new plan from what is there now.',
  ),
  MIGRATION_EFFECT_REFUSED: node(
    409,
    'What the step waits for cannot come any more',
    'See the detail. Mend the cause and resume, or go back: ctl-bridge migrate rollback.',
  ),
  MIGRATION_ENDED: request(
    409,
    'The migration has ended',
    'Nothing is added to it. Make a new plan: ctl-bridge migrate plan.',
  ),
  MIGRATION_FILE_UNKNOWN: request(
    404,
    'The migration holds no such file',
    'Look at the list of its files: ctl-bridge migrate status --json. Where a node had no file before, there is nothing to write.',
  ),
  MIGRATION_IMPOSSIBLE: request(
    409,
    'This cluster cannot have this plan',
    'The detail says why, and what can be done instead.',
  ),
  MIGRATION_JOURNAL_WRONG: machine(
    500,
    'The journal of a migration contradicts its plan',
    'Nothing is done by it any more. Look at the cluster, end this migration, and make a new plan from what is there.',
  ),
  MIGRATION_NEEDS_UNMET: node(
    409,
    'What must hold before the step does not',
    'Do what the detail asks for, then resume. Nothing of this step was done.',
  ),
  MIGRATION_NO_COPY: machine(
    409,
    'A file would be overwritten of which no copy is kept',
    'Nothing was overwritten. Make a new plan: it keeps the files of every node first.',
  ),
  MIGRATION_NOTHING_TO_ANSWER: request(
    409,
    'The migration did not ask for that',
    'See what it waits for: ctl-bridge migrate status.',
  ),
  MIGRATION_OPEN: request(
    409,
    'Another migration of this cluster is open',
    'Finish it, or end it, first: ctl-bridge migrate status. One cluster has one migration at a time.',
  ),
  MIGRATION_PLAN_UNSAFE: request(
    422,
    'The plan is not one that is carried out',
    'Make the plan with this version: ctl-bridge migrate plan. If it is its own, this is a defect; report it with the plan.',
  ),
  MIGRATION_RUNS: request(
    409,
    'The migration is under way',
    'Stop it first. It stops before its next step; what is being done is finished and recorded.',
  ),
  MIGRATION_STEP_NOT_CURRENT: request(
    409,
    'That is not the step at which the migration stands',
    'Steps are taken in their order: ctl-bridge migrate status tells which is next.',
  ),
  MIGRATION_STOPPED: request(
    409,
    'A person stopped the migration',
    'Resume it when you are ready, or go back: ctl-bridge migrate rollback.',
  ),
  MIGRATION_TOKEN_NOT_PLANNED: token(
    409,
    'Another token than the planned one',
    'No PIN was tried. Take this token out and plug in the one that the step names, then unlock that.',
  ),
  MIGRATION_UNKNOWN: request(404, 'No such migration', 'List them: ctl-bridge migrate.'),
}
