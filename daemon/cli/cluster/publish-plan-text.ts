import { reportLines } from '../../trust/show/wrap-words.js'
import type { ClusterAnswer } from '../answers.js'
import { alignColumns } from './node-table.js'
import { targetText } from './target-text.js'

type Node = ClusterAnswer['nodes'][number]

/** What is about to be done, for a person who then says yes or no. */
export function publishPlanText(
  cluster: ClusterAnswer,
  chosen: readonly Node[],
  file: string,
  restarts: boolean,
): string {
  const left = cluster.nodes.filter((node) => node.runs.includes('tftp') && !chosen.includes(node))
  const rows = alignColumns(chosen.map((node) => [node.name, targetText(node.publishing)]))
  return reportLines([
    `It becomes ${file} on cluster ${cluster.name}:`,
    ...rows.map((row) => `  ${row}`),
    ...(left.length > 0 ? [`Left as they are: ${namesOf(left)}`] : []),
    ...restartRows(cluster, chosen, restarts),
    'What is there now is kept by the daemon first: ctl-bridge clusters files.',
  ])
}

/** On guided nodes the restart is one of the clicks. */
function restartRows({ kind }: ClusterAnswer, chosen: readonly Node[], restarts: boolean): string[] {
  if (kind === 'asterisk') return restarts ? ['An Asterisk has no Cisco Tftp: nothing is restarted.'] : []
  const written = chosen.filter(({ publishing }) => publishing?.to !== 'guided')
  if (written.length === 0) return []
  if (!restarts) {
    return ['No service is restarted; CUCM serves the file after a restart of Cisco Tftp (--restart-tftp).']
  }
  const able = written.filter(({ restartsTftp }) => restartsTftp)
  const unable = written.filter(({ restartsTftp }) => !restartsTftp)
  return [
    ...(able.length > 0 ? [`Cisco Tftp is restarted, one after the other, on ${namesOf(able)}.`] : []),
    ...(unable.length > 0
      ? [`Cisco Tftp is NOT restarted on ${namesOf(unable)}: the settings name nobody who can (axl).`]
      : []),
  ]
}

const namesOf = (nodes: readonly Node[]): string => nodes.map(({ name }) => name).join(', ')
