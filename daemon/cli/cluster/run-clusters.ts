/** `ctl-bridge clusters`: those of the settings. */
import { printable } from '../../ctl/text.js'
import type { ClusterListAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { alignColumns } from './node-table.js'

export async function run(context: CommandContext): Promise<number> {
  const api = await openApi(context)
  const list = await api.getJson<ClusterListAnswer>('/v1/clusters')
  context.terminal.print(context.terminal.json ? jsonText(list, 2) : clustersText(list))
  return 0
}

export function clustersText({ clusters, problems }: ClusterListAnswer): string {
  const wrong = problems.flatMap(({ code, detail, remedy, at }) => [
    `The settings in ${at.file ?? '?'} are wrong, and their clusters are left out: ${detail} (${code})`,
    `  do  ${remedy}`,
  ])
  const none =
    'The settings name no cluster. docs/clusters.md tells how; ctl-bridge lab up starts one to try.'
  const rows = clusters.map(({ name, kind, release, nodes, doing, isLab }) => [
    name,
    kind === 'cucm' ? `CUCM ${release ?? ''}`.trimEnd() : 'Asterisk',
    `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`,
    [isLab ? 'lab' : '', doing === undefined ? '' : `${doing} under way`].filter(Boolean).join(', '),
  ])
  const table = rows.length === 0 && wrong.length === 0 ? [none] : alignColumns(rows)
  return `${[...table, ...wrong].map(printable).join('\n')}\n`
}
