/** `ctl-bridge migrate`: the migrations there are and were. */
import { printable } from '../../ctl/text.js'
import type { MigrationListAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import { alignColumns } from '../cluster/node-table.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { minute } from './migration-text.js'

export async function run(context: CommandContext): Promise<number> {
  const api = await openApi(context)
  const list = await api.getJson<MigrationListAnswer>('/v1/migrations')
  context.terminal.print(context.terminal.json ? jsonText(list, 2) : migrationListText(list))
  return 0
}

export function migrationListText({ migrations }: MigrationListAnswer): string {
  if (migrations.length === 0) {
    return 'There is no migration. ctl-bridge migrate plan CLUSTER PLAN shows what one would do.\n'
  }
  const rows = migrations.map(
    ({ id, cluster, plan, state, startedAt, done, steps, currentTitle, stopped }) => [
      id,
      cluster,
      plan.id,
      state,
      `${done} of ${steps}`,
      minute(startedAt),
      // One whose journal cannot be read stands at no step that is known.
      currentTitle ?? (state === 'stopped' ? (stopped?.code ?? '') : ''),
    ],
  )
  const head = ['id', 'cluster', 'plan', 'state', 'done', 'started', 'at']
  return `${alignColumns([head, ...rows])
    .map(printable)
    .join('\n')}\n`
}
