/** `ctl-bridge clusters probe NAME`: whether publishing works, tried with the file that is served anyway. */
import { basename, resolve } from 'node:path'
import { BridgeError } from '../../bridge-error.js'
import { printable } from '../../ctl/text.js'
import { exitCodes } from '../../problems/exit-codes.js'
import { reportLines } from '../../trust/show/wrap-words.js'
import type { ClusterAnswer, ProbeReportAnswer } from '../answers.js'
import { type ApiClient, openApi } from '../api-client.js'
import { askLine } from '../ask-line.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { refuseUnwritable, writeInFreshFolder, writeOutputFile } from '../write-output-file.js'
import { clusterPath } from './cluster-path.js'
import { confirmCluster } from './confirm-cluster.js'
import { withClusterProgress } from './with-cluster-progress.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, switches, terminal } = context
  const [name = ''] = operands
  const uploaded = entryNumber(values.uploaded)
  const out = values.out === undefined ? undefined : resolve(values.out)
  if (out !== undefined) await refuseUnwritable(out)
  const api = await openApi(context)
  await api.getJson<ClusterAnswer>(clusterPath(name))
  terminal.note(planText(name, values.node, terminal.width))
  if (!switches.has('yes')) await confirmCluster(name)
  const report = await probe(api, name, {
    ...(values.node !== undefined && { node: values.node }),
    ...(uploaded !== undefined && { uploaded }),
    ...(switches.has('changed') && { changed: 'true' }),
  })
  const end = report.outcome === 'guided' ? await guide(api, report, out, context) : report
  terminal.print(terminal.json ? jsonText(end, 2) : probeText(end, terminal.width))
  return end.outcome === 'works' || end.outcome === 'works-as-said' ? exitCodes.done : exitCodes.node
}

function entryNumber(text: string | undefined): string | undefined {
  if (text === undefined || /^\d{1,15}$/.test(text)) return text
  const detail = `ctl-bridge clusters probe: --uploaded takes the number of the file that this command gave to upload, not ${text}.`
  throw new BridgeError('USAGE', detail)
}

function planText(name: string, node: string | undefined, width: number | undefined): string {
  const where = node === undefined ? 'one node (a subscriber, where there is one)' : node
  const plan = `Reads CTLFile.tlv from ${where} of cluster ${name}, writes the same bytes over it (or has a person do it), and restarts Cisco Tftp there where the settings name a way to. No file changes.`
  return reportLines([plan], width)
}

function probe(
  api: ApiClient,
  name: string,
  asked: Readonly<Record<string, string>>,
): Promise<ProbeReportAnswer> {
  const query = new URLSearchParams(asked)
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
  const { cluster, node, kept, sha256 } = report
  if (kept === undefined) return report
  const isAsked = !switches.has('yes') && !terminal.json
  const path = isAsked || out !== undefined ? await writeUpload(api, report, kept, out) : undefined
  if (path !== undefined) {
    const rename = basename(path) === report.file ? '' : `, to be called ${report.file}`
    terminal.note(`The file to upload, this one and no other: ${printable(path)}${rename}\n`)
    terminal.note(`  SHA-256 ${sha256}\n`)
  }
  if (!isAsked) return report
  terminal.note(reportLines(stepRows(report), terminal.width))
  const typed = await askLine('Type done when all of it is done, or anything else to stop: ')
  return typed.trim() === 'done' ? await probe(api, cluster, { node, uploaded: String(kept) }) : report
}

/** Where nobody said where, into a folder of its own: no other CTL that is to be confused with it lies there. */
async function writeUpload(
  api: ApiClient,
  { cluster, node, file }: ProbeReportAnswer,
  kept: number,
  out: string | undefined,
): Promise<string> {
  const path = `${clusterPath(cluster)}/files/${kept}?which=published`
  const bytes = await api.getFile(path, 'application/octet-stream')
  if (out === undefined) return await writeInFreshFolder(`probe-${cluster}-${node}-`, file, bytes)
  await writeOutputFile(out, bytes)
  return out
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
    ...(kept !== undefined && (outcome === 'guided' || outcome === 'fails')
      ? [
          `  file  ctl-bridge clusters files ${cluster} ${kept} --published --out ${report.file}`,
          `  then  ctl-bridge clusters probe ${cluster} --node ${node} --uploaded ${kept}`,
        ]
      : []),
  ]
  return reportLines([...rows, ...(outcome === 'guided' ? stepRows(report) : [])], width)
}
