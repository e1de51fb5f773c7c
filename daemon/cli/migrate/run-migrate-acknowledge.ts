/** `ctl-bridge migrate acknowledge CODE…`: warnings by their codes, and GO, which goes past the hard stop. */
import type { MigrationAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { afterChange } from './after-change.js'
import { chooseMigration } from './choose-migration.js'
import { migrationPath } from './migration-path.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values } = context
  const note = values.note ?? ''
  const api = await openApi(context)
  let migration = await chooseMigration(api, values.migration)
  const path = migrationPath(migration.id)
  // GO last: after it the findings are no longer asked.
  const codes = operands.map((code) => code.toUpperCase())
  for (const code of codes.filter((one) => one !== 'GO')) {
    migration = await api.postJson<MigrationAnswer>(`${path}/acknowledge`, { code, note })
  }
  if (codes.includes('GO')) {
    migration = await api.postJson<MigrationAnswer>(`${path}/say`, { statement: 'GO', note })
  }
  return afterChange(context, api, migration)
}
