/** `ctl-bridge migrate stop [ID]` */
import type { MigrationAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { printMigration } from './after-change.js'
import { chooseMigration } from './choose-migration.js'
import { migrationPath } from './migration-path.js'

export async function run(context: CommandContext): Promise<number> {
  const api = await openApi(context)
  const { id } = await chooseMigration(api, context.operands[0])
  const path = `${migrationPath(id)}/stop`
  await printMigration(context, api, await api.postJson<MigrationAnswer>(path, undefined))
  return 0
}
