/** `ctl-bridge clusters show NAME`: as the settings describe it, and what probes found. */
import { printable } from '../../ctl/text.js'
import type { ClusterAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { clusterPath } from './cluster-path.js'
import { targetText } from './target-text.js'

export async function run(context: CommandContext): Promise<number> {
  const [name = ''] = context.operands
  const api = await openApi(context)
  const cluster = await api.getJson<ClusterAnswer>(clusterPath(name))
  context.terminal.print(context.terminal.json ? jsonText(cluster, 2) : clusterText(cluster))
  return 0
}

const askNames = { cli: 'its command line over SSH', axl: 'AXL' } as const

export function clusterText({ name, kind, release, nodes, asks, doing, probes }: ClusterAnswer): string {
  const rows = [
    `${name}  ${kind === 'cucm' ? `CUCM ${release ?? '(release: asked over AXL)'}` : 'Asterisk'}`,
    ...(kind === 'asterisk'
      ? []
      : [`  publisher  ${asks.map((ask) => askNames[ask]).join(' and ') || 'is not asked anything'}`]),
    ...(doing === undefined ? [] : [`  under way  ${doing}`]),
    ...nodes.flatMap((node) => [
      '',
      `${node.name}  ${node.address}`,
      `  runs       ${node.runs.join(', ')}`,
      ...(node.reads.length > 0 ? [`  read       ${node.reads.join(', ')}`] : []),
      ...(node.runs.includes('tftp') ? [`  publish    ${targetText(node.publishing)}`] : []),
      ...probes.filter((probe) => probe.node === node.name).flatMap(probeRows),
    ]),
  ]
  return `${rows.map(printable).join('\n')}\n`
}

const outcomeTexts = {
  works: 'publishing works',
  'works-as-said': 'publishing works, as somebody said',
  fails: 'publishing FAILS',
} as const

function probeRows({ at, release, outcome, evidence }: ClusterAnswer['probes'][number]): string[] {
  const of = release === '' ? 'release not known' : `release ${release}`
  const found = `  probe      ${outcomeTexts[outcome]}: ${at.slice(0, 10)}, ${of}`
  return outcome === 'fails' ? [found, ...evidence.map((sentence) => `             ${sentence}`)] : [found]
}
