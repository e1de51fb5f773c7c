/** `ctl-bridge migrate say CODE…`: what the daemon cannot see. */
import type { MigrationAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { afterChange } from './after-change.js'
import { chooseMigration } from './choose-migration.js'
import { migrationPath } from './migration-path.js'
import { readStatements } from './read-statements.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values } = context
  const statements = readStatements(operands)
  const api = await openApi(context)
  let migration = await chooseMigration(api, values.migration)
  for (const statement of statements) {
    const body = { statement, note: values.note ?? '' }
    migration = await api.postJson<MigrationAnswer>(`${migrationPath(migration.id)}/say`, body)
  }
  return afterChange(context, api, migration)
}
