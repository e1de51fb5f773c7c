/** `ctl-bridge migrate again [ID]`: does a step once more of which nobody knows whether it was done. */

import { reportLines } from '../../trust/show/wrap-words.js'
import type { MigrationAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import { confirmCluster } from '../cluster/confirm-cluster.js'
import type { CommandContext } from '../command.js'
import { afterChange } from './after-change.js'
import { chooseMigration } from './choose-migration.js'
import { migrationPath } from './migration-path.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, switches, terminal } = context
  const api = await openApi(context)
  const { id, cluster, steps, current } = await chooseMigration(api, operands[0])
  const step = steps.find((one) => one.id === current)
  terminal.note(reportLines([`Is done once more, on your word: ${step?.title ?? 'nothing'}`], terminal.width))
  if (!switches.has('yes')) await confirmCluster(cluster)
  const body = { note: values.note ?? '' }
  return afterChange(context, api, await api.postJson<MigrationAnswer>(`${migrationPath(id)}/again`, body))
}
