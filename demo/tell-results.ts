/** What was observed, found and compared, as text. */
import { basename } from 'node:path'
import type { FleetReport } from '../lab/phones/fleet-report.js'
import { phoneTable } from '../lab/phones/phone-table.js'
import type { Finding, Observation } from './api.js'
import { beforeAfterTable } from './before-after.js'
import { gistOf, type OpensslCheck, type StoryFile } from './files-of-story.js'
import type { LabProcess } from './lab-process.js'
import { type Comparison, isAsPredicted, type ModelRow } from './predicted-and-found.js'
import { count, say, table, tell } from './telling.js'

export function tellObservation({ nodes, files, securityMode, devices, disagreements }: Observation): void {
  const [mode] = securityMode.flatMap(({ asked }) => (asked.state === 'answered' ? [asked.answer] : []))
  table([
    ['node', 'CTL (MD5)', 'signed by'],
    ...nodes.map(({ name, ctl }) => {
      const [hash] = ctl.flatMap(({ asked }) => (asked.state === 'answered' ? [asked.answer] : []))
      const file = files.find(({ sha256 }) => sha256 === hash)
      return [name, file?.md5 ?? 'none', holders[file?.signer?.holder ?? 'unknown']]
    }),
  ])
  tell(`mode: ${mode ?? 'not seen'}; the nodes ${disagreements.length === 0 ? 'agree' : 'disagree'}`)
  if (devices.state === 'answered') {
    const all = devices.answer.reduce((sum, row) => sum + row.devices, 0)
    const without = devices.answer.filter(({ securityByDefault }) => securityByDefault === false)
    tell(
      `${count(all, 'device')} of ${count(devices.answer.length, 'model')}; without Security By Default: ${without.map(({ model, devices: number }) => `${number} × ${model}`).join(', ')}`,
    )
  }
}

const holders = {
  token: 'a token',
  'call-manager': 'CallManager of the publisher',
  'itl-recovery': 'ITLRecovery',
  unknown: 'not known',
} as const

/** Shortened: the whole is long, and lies beside the file. */
export function tellView({ view, folder }: StoryFile): void {
  say()
  for (const line of gistOf(view)) say(`   | ${line}`)
  tell(`(The whole of it is in ${basename(folder)}/show-ctl.txt.)`)
}

/** Each code once, with all that was seen of it. */
export function tellFindings(findings: readonly Finding[]): void {
  for (const code of new Set(findings.map((finding) => finding.code))) {
    const own = findings.filter((finding) => finding.code === code)
    tell(`${own[0]?.severity.padEnd(9)}${code}`)
    for (const { detail } of own) tell(detail, 12)
  }
  if (findings.length === 0) tell('nothing')
}

export async function tellPhones(lab: LabProcess): Promise<FleetReport> {
  const report = await lab.phones()
  say(`\n${phoneTable(report).trimEnd()}`)
  return report
}

const predictions: Readonly<Record<ModelRow['predicted'], string>> = {
  accepts: 'take the new file',
  'accepts-through-tvs': 'take it through TVS',
  refuses: 'keep the old file',
  unknown: 'not known',
}

export function tellComparison({ models, predictedBehind, foundBehind, foundElsewhere }: Comparison): void {
  table([
    ['model', 'preflight said', 'found', ''],
    ...models.map((row) => [
      row.model,
      `${`${row.phones}`.padStart(3)} ${predictions[row.predicted]}`,
      foundWords(row),
      row.predicted === 'unknown' || isAsPredicted(row) ? '' : 'NOT AS SAID',
    ]),
  ])
  say()
  const isSame = predictedBehind.join() === foundBehind.join()
  tell(
    `Preflight named ${count(predictedBehind.length, 'device')} that would keep the old file. ${foundBehind.length} do, ${isSame ? 'the same' : 'and NOT the same'}:`,
  )
  tellNames(foundBehind)
  if (!isSame) {
    tell('Preflight named:')
    tellNames(predictedBehind)
  }
  if (foundElsewhere.length > 0) tell(`Neither file: ${foundElsewhere.join(', ')}`)
  if (foundBehind.length > 0) {
    tell(
      'They cannot ask TVS, so somebody has to delete the CTL at each of them. The others took the new file by themselves.',
    )
  }
}

function tellNames(devices: readonly string[]): void {
  for (let start = 0; start < devices.length; start += 4) {
    say(`      ${devices.slice(start, start + 4).join('  ')}`)
  }
}

function foundWords({ holdNew, holdOld }: ModelRow): string {
  if (holdOld === 0) return `${holdNew} hold the new file`
  return holdNew === 0 ? `${holdOld} hold the old file` : `${holdNew} new, ${holdOld} old`
}

export function tellBeforeAfter(before: StoryFile, after: StoryFile): void {
  say(`\n${beforeAfterTable(before, after)}\n`)
  tell('On the screens of the phones, as MD5 or SHA-1 depending on the model:')
  table([
    ['before', 'MD5', before.description.md5],
    ['', 'SHA-1', before.description.sha1],
    ['after', 'MD5', after.description.md5],
    ['', 'SHA-1', after.description.sha1],
  ])
}

export function tellOpenssl({ command, said }: OpensslCheck, { folder }: StoryFile): void {
  say()
  tell(`Checked without ctl-bridge, in ${folder}:`)
  say(`      ${command}`)
  tell(said ?? 'openssl is not on this machine; install it to try', 6)
}
