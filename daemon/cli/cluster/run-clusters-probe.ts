/** `ctl-bridge clusters probe NAME`: whether publishing works, tried with the file that is served anyway. */
import { resolve } from 'node:path'
import { printable } from '../../ctl/text.js'
import { exitCodes } from '../../problems/exit-codes.js'
import { reportLines } from '../../trust/show/wrap-words.js'
import type { ClusterAnswer, ProbeReportAnswer } from '../answers.js'
import { type ApiClient, openApi } from '../api-client.js'
import { askLine } from '../ask-line.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { refuseUnwritable, writeOutputFile } from '../write-output-file.js'
import { clusterPath } from './cluster-path.js'
import { confirmCluster } from './confirm-cluster.js'
import { withClusterProgress } from './with-cluster-progress.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, switches, terminal } = context
  const [name = ''] = operands
  const out = values.out === undefined ? undefined : resolve(values.out)
  if (out !== undefined) await refuseUnwritable(out)
  const api = await openApi(context)
  await api.getJson<ClusterAnswer>(clusterPath(name))
  terminal.note(planText(name, values.node))
  if (!switches.has('yes')) await confirmCluster(name)
  const report = await probe(api, name, values.node, switches.has('uploaded'))
  const end = report.outcome === 'guided' ? await guide(api, report, out, context) : report
  terminal.print(terminal.json ? jsonText(end, 2) : probeText(end, terminal.width))
  return end.outcome === 'works' || end.outcome === 'works-as-said' ? exitCodes.done : exitCodes.node
}

function planText(name: string, node: string | undefined): string {
  const where = node === undefined ? 'one node (a subscriber, where there is one)' : node
  return reportLines([
    `Reads CTLFile.tlv from ${where} of cluster ${name}, writes the same bytes over it, and`,
    'restarts Cisco Tftp there where the settings name a way to. No file changes.',
  ])
}

function probe(
  api: ApiClient,
  name: string,
  node: string | undefined,
  isUploaded: boolean,
): Promise<ProbeReportAnswer> {
  const query = new URLSearchParams({ uploaded: String(isUploaded), ...(node !== undefined && { node }) })
  return withClusterProgress(api, name, 'cluster.probing', () =>
    api.postJson<ProbeReportAnswer>(`${clusterPath(name)}/probe?${query}`, undefined),
  )
}

/** Tells a person what to do, and asks again when it is done. Without a terminal the first answer stands. */
async function guide(
  api: ApiClient,
  report: ProbeReportAnswer,
  out: string | undefined,
  { switches, terminal }: CommandContext,
): Promise<ProbeReportAnswer> {
  const { cluster, node, kept } = report
  if (out !== undefined && kept !== undefined) {
    const path = `${clusterPath(cluster)}/files/${kept}?which=published`
    await writeOutputFile(out, await api.getFile(path, 'application/octet-stream'))
    terminal.note(`The file to upload: ${printable(out)}\n`)
  }
  if (switches.has('yes') || terminal.json) return report
  terminal.note(reportLines(stepRows(report), terminal.width))
  const typed = await askLine('Type done when all of it is done, or anything else to stop: ')
  return typed.trim() === 'done' ? await probe(api, cluster, node, true) : report
}

const stepRows = ({ steps = [] }: ProbeReportAnswer): string[] =>
  steps.map((step, index) => `  ${index + 1}. ${step}`)

const outcomeTexts: Readonly<Record<ProbeReportAnswer['outcome'], string>> = {
  works: 'Publishing works',
  'works-as-said': 'Publishing works, as far as it was said that the file was uploaded',
  fails: 'Publishing does NOT work',
  guided: 'Not tried yet, a person has to upload the file',
}

export function probeText(report: ProbeReportAnswer, width?: number): string {
  const { cluster, node, release, outcome, evidence, problem, kept } = report
  const rows = [
    `${outcomeTexts[outcome]}: ${node} of ${cluster}${release === undefined ? '' : `, release ${release}`}.`,
    ...evidence.map((sentence) => `  ${sentence}`),
    ...(problem === undefined
      ? []
      : [`  what  ${problem.detail} (${problem.code})`, `  do    ${problem.remedy}`]),
    ...(outcome === 'guided' && kept !== undefined
      ? [
          `  file  ctl-bridge clusters files ${cluster} ${kept} --published --out ${report.file}`,
          `  then  ctl-bridge clusters probe ${cluster} --node ${node} --uploaded`,
        ]
      : []),
  ]
  return reportLines([...rows, ...(outcome === 'guided' ? stepRows(report) : [])], width)
}
