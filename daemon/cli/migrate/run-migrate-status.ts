/** `ctl-bridge migrate status [ID]`: where a migration stands, and what somebody has to do now. */
import { openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { printMigration } from './after-change.js'
import { chooseMigration } from './choose-migration.js'
import { followMigration } from './follow-migration.js'
import { migrationExitCode } from './migration-exit-code.js'

export async function run(context: CommandContext): Promise<number> {
  const api = await openApi(context)
  const migration = await chooseMigration(api, context.operands[0], true)
  if (context.switches.has('follow')) return followMigration(api, migration, context)
  await printMigration(context, api, migration)
  return migrationExitCode(migration)
}
