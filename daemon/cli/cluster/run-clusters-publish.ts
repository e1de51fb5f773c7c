/** `ctl-bridge clusters publish NAME FILE`: shows what goes where, asks, writes, and reads back. */
import { randomUUID } from 'node:crypto'
import { BridgeError } from '../../bridge-error.js'
import { exitCodes } from '../../problems/exit-codes.js'
import type { AwaitedAnswer, ClusterAnswer, PublishReportAnswer } from '../answers.js'
import { type ApiClient, openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { readInputFile } from '../read-input-file.js'
import { awaitServed } from './await-served.js'
import { clusterPath } from './cluster-path.js'
import { confirmCluster } from './confirm-cluster.js'
import { fileToPublishText } from './file-to-publish-text.js'
import { publishPlanText } from './publish-plan-text.js'
import { awaitedText, publishReportText } from './publish-report-text.js'
import { wholeSeconds } from './whole-seconds.js'
import { withClusterProgress } from './with-cluster-progress.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, lists, switches, terminal } = context
  const [name = '', source = ''] = operands
  const seconds = wholeSeconds('clusters publish', 'wait', values.wait)
  const file = values.as ?? 'CTLFile.tlv'
  const bytes = await readInputFile(source)
  const api = await openApi(context)
  const cluster = await api.getJson<ClusterAnswer>(clusterPath(name))
  const nodes = chooseNodes(cluster, lists.node ?? [])
  terminal.note(
    `${fileToPublishText(source, bytes)}${publishPlanText(cluster, nodes, file, switches.has('restart-tftp'))}`,
  )
  if (!switches.has('yes')) await confirmCluster(name)
  const report = await publish(api, name, bytes, {
    file,
    nodes: nodes.map((node) => node.name),
    restartTftp: switches.has('restart-tftp'),
  })
  if (seconds === undefined || isServed(report)) {
    terminal.print(terminal.json ? jsonText(report, 2) : publishReportText(report, terminal.width))
    return isServed(report) ? exitCodes.done : exitCodes.node
  }
  return await waitFor(api, report, seconds, context)
}

type Node = ClusterAnswer['nodes'][number]

function chooseNodes({ name, nodes }: ClusterAnswer, wanted: readonly string[]): Node[] {
  const serving = nodes.filter(({ runs }) => runs.includes('tftp'))
  const unknown = wanted.find((node) => !serving.some((known) => known.name === node))
  if (unknown !== undefined) {
    const known = serving.map((node) => node.name).join(', ')
    throw new BridgeError(
      'USAGE',
      `ctl-bridge clusters publish: ${name} has no node ${unknown} with TFTP; it has ${known}.`,
    )
  }
  return wanted.length === 0 ? serving : serving.filter((node) => wanted.includes(node.name))
}

interface Publication {
  readonly file: string
  readonly nodes: readonly string[]
  readonly restartTftp: boolean
}

function publish(
  api: ApiClient,
  name: string,
  bytes: Uint8Array,
  { file, nodes, restartTftp }: Publication,
): Promise<PublishReportAnswer> {
  const query = new URLSearchParams({ file, nodes: nodes.join(','), restartTftp: String(restartTftp) })
  const path = `${clusterPath(name)}/publish?${query}`
  return withClusterProgress(api, name, 'cluster.publishing', () =>
    api.postFileForJson<PublishReportAnswer>(path, bytes, { 'Idempotency-Key': randomUUID() }),
  )
}

/** By every node that it was to be published to. */
const isServed = ({ nodes }: PublishReportAnswer): boolean =>
  nodes.every(({ outcome }) => outcome === 'published' || outcome === 'unchanged')

/** Only for nodes where waiting can help: the file lies there, or a person puts it there. */
async function waitFor(
  api: ApiClient,
  report: PublishReportAnswer,
  seconds: number,
  { terminal }: CommandContext,
): Promise<number> {
  const { cluster, file, sha256 } = report
  const pending = report.nodes
    .filter(({ outcome }) => outcome === 'guided' || outcome === 'not-served')
    .map(({ node }) => node)
  if (!terminal.json) terminal.print(publishReportText(report, terminal.width))
  const awaited: AwaitedAnswer =
    pending.length === 0
      ? { nodes: [] }
      : await awaitServed(api, cluster, { file, sha256, nodes: pending, seconds })
  terminal.print(
    terminal.json ? jsonText({ ...report, awaited: awaited.nodes }, 2) : awaitedText(awaited, terminal.width),
  )
  const isDone = !report.nodes.some(({ outcome }) => outcome === 'failed')
  return isDone && awaited.nodes.every((node) => node.isServed) ? exitCodes.done : exitCodes.node
}
