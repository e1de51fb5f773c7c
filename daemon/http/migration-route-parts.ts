/** What the routes of migrations share: what they need, answer with, and can fail by. */
import type { MigrationView } from '../migration/desk/migrations.js'
import type { ProblemCode } from '../problems.js'
import { migrationJson } from './migration-json.js'
import type { Reply } from './route.js'
import type { RouteParts } from './route-parts.js'

export type MigrationRouteParts = Pick<RouteParts, 'migrations' | 'idempotency' | 'unlockLimit'>

export const planProblems: readonly ProblemCode[] = [
  'CLUSTER_UNKNOWN',
  'CLUSTER_NOT_CONFIGURED',
  'CONFIG_INVALID',
  'CONFIG_UNTRUSTED',
  'STORE_UNUSABLE',
]
/** Of what needs no more than its row in the store. */
export const ofRow: readonly ProblemCode[] = ['MIGRATION_UNKNOWN', 'STORE_UNUSABLE']
export const ofOne: readonly ProblemCode[] = [...ofRow, 'MIGRATION_JOURNAL_WRONG']
export const answered: readonly ProblemCode[] = [
  ...ofOne,
  'MIGRATION_ENDED',
  'MIGRATION_NOTHING_TO_ANSWER',
  'MIGRATION_STEP_NOT_CURRENT',
]

export const answers = [{ type: 'application/json', schema: 'Migration' }] as const
export const reply = (view: MigrationView): Reply => ({ json: migrationJson(view) })
