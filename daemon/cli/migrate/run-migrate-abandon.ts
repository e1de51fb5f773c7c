/** `ctl-bridge migrate abandon [ID]`: ends it where it is, for good. */
import { printable } from '../../ctl/text.js'
import type { MigrationAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import { confirmCluster } from '../cluster/confirm-cluster.js'
import type { CommandContext } from '../command.js'
import { printMigration } from './after-change.js'
import { chooseMigration } from './choose-migration.js'
import { migrationPath } from './migration-path.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, switches, terminal } = context
  const api = await openApi(context)
  const { id, cluster, steps } = await chooseMigration(api, operands[0])
  const done = steps.filter(({ phase }) => phase === 'done').length
  const what =
    steps.length === 0
      ? 'Its journal cannot be read; what was done stays done.'
      : `${done} of ${steps.length} steps are done, and stay done.`
  terminal.note(`Migration ${printable(id)} ends for good. ${what}\n`)
  if (!switches.has('yes')) await confirmCluster(cluster)
  const body = { note: values.note ?? '' }
  const ended = await api.postJson<MigrationAnswer>(`${migrationPath(id)}/abandon`, body)
  await printMigration(context, api, ended)
  return 0
}
