/** What a cluster serves and says, for people: a table of nodes, then what the letters in it stand for. */

import { reportLines } from '../../trust/show/wrap-words.js'
import type { ClusterObservationAnswer } from '../answers.js'
import { deviceRows } from './device-rows.js'
import { fileRows, letterFiles } from './file-rows.js'
import { nodeTable } from './node-table.js'
import { tvsRows } from './tvs-rows.js'

/** Texts from files and nodes are escaped. Sentences are broken at `width`, and not at all without it. */
export function observationText(observation: ClusterObservationAnswer, width?: number): string {
  const letters = letterFiles(observation)
  const parts = [
    headRows(observation),
    nodeTable(observation, letters),
    ...observation.files.map((file) => fileRows(file, letters)),
    showCtlRows(observation, letters),
    tvsRows(observation),
    deviceRows(observation),
    disagreementRows(observation),
    unansweredRows(observation),
  ].filter((rows) => rows.length > 0)
  return parts.map((rows) => reportLines(rows, width)).join('\n')
}

const sourceNames = { axl: 'AXL', cli: 'command line', settings: 'settings' } as const

function headRows({
  cluster,
  kind,
  at,
  milliseconds,
  release,
  securityMode,
}: ClusterObservationAnswer): string[] {
  const observed = `Observed ${at.slice(0, 19).replace('T', ' ')} UTC, in ${(milliseconds / 1000).toFixed(1)} s`
  if (kind === 'asterisk') return [`Cluster ${cluster} (Asterisk)`, observed]
  const said = release.asked.state === 'answered' ? release.asked.answer : 'not known'
  const mode = securityMode.find(({ asked }) => asked.state === 'answered')
  const modeText =
    mode?.asked.state === 'answered'
      ? `${mode.asked.answer} (${sourceNames[mode.from]})`
      : securityMode.length === 0
        ? 'not asked: the settings have neither axl nor cli'
        : 'not known'
  return [
    `Cluster ${cluster} (CUCM)`,
    `  release  ${said}${said === 'not known' ? '' : ` (${sourceNames[release.from]})`}`,
    `  mode     ${modeText}`,
    observed,
  ]
}

function showCtlRows(
  { showCtl, files }: ClusterObservationAnswer,
  letters: ReadonlyMap<string, string>,
): string[] {
  if (showCtl.state !== 'answered') return []
  const { length, md5, sha1, isVerified } = showCtl.answer
  if (length === 0) return ['show ctl on the publisher: no CTL']
  const same = files.find((file) => file.kind === 'ctl' && (file.md5 === md5 || file.sha1 === sha1))
  const which =
    same === undefined
      ? `a file that no node serves, MD5 ${md5 ?? 'not shown'}`
      : letters.get(`ctl ${same.sha256}`)
  return [
    `show ctl on the publisher: ${which}, ${length} bytes, ${isVerified ? 'verified' : 'NOT verified'} by the publisher`,
  ]
}

function disagreementRows({ disagreements, unanswered }: ClusterObservationAnswer): string[] {
  if (disagreements.length === 0) {
    return [unanswered.length === 0 ? 'No disagreements.' : 'No disagreements among the answers that came.']
  }
  return [
    `Disagreements: ${disagreements.length}`,
    ...disagreements.flatMap(({ code, detail, remedy }) => [
      `  ${code}`,
      `    what  ${detail}`,
      `    do    ${remedy}`,
    ]),
  ]
}

function unansweredRows({ unanswered }: ClusterObservationAnswer): string[] {
  if (unanswered.length === 0) return []
  return [
    `Not answered: ${unanswered.length}`,
    ...unanswered.flatMap(({ node, question, problem }) => [
      `  ${node}, ${question}: ${problem.code}`,
      `    what  ${problem.detail}`,
      `    do    ${problem.remedy}`,
    ]),
  ]
}
