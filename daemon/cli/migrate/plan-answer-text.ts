/** What a migration would do, for a person who then says yes or no. */

import { reportLines } from '../../trust/show/wrap-words.js'
import type { PlanAnswer } from '../answers.js'
import { alignColumns } from '../cluster/node-table.js'
import { answerTexts } from '../phones/phones-text.js'
import { forPeople } from './for-people.js'

type Plan = Extract<PlanAnswer['plan'], { steps: unknown }>
type Finding = PlanAnswer['findings'][number]

export const isImpossible = (plan: PlanAnswer['plan']): plan is Exclude<PlanAnswer['plan'], Plan> =>
  'impossible' in plan

export function planAnswerText({ plan, findings, prediction }: PlanAnswer, width?: number): string {
  if (isImpossible(plan)) {
    return reportLines(
      [
        `Not possible: ${plan.id}${plan.code === undefined ? '' : ` (${plan.code})`}`,
        `  why   ${plan.impossible}`,
        `  do    ${plan.instead}`,
      ],
      width,
    )
  }
  const parts = [
    headRows(plan),
    [`Steps: ${plan.steps.length}`, ...plan.steps.flatMap(stepRows)],
    listRows('Meanwhile, for phones:', plan.interruptions),
    listRows('Not proved, and relied on:', plan.assumptions),
    findingRows(findings),
    predictionRows(prediction),
  ].filter((rows) => rows.length > 0)
  return parts.map((rows) => reportLines(rows, width)).join('\n')
}

function headRows({ title, id, cluster, release, tokens }: Plan): string[] {
  return [
    `${title} (${id})`,
    `  cluster  ${cluster}, release ${release ?? 'not known'}`,
    ...(tokens.length > 0 ? [`  tokens   ${tokens.join(', then ')}`] : []),
  ]
}

export const actorTexts = { daemon: 'daemon', token: 'token', person: 'you' } as const

function stepRows(step: Plan['steps'][number], index: number): string[] {
  const { actor, title, phones } = step
  const number = String(index + 1).padStart(3)
  return [
    `${number}  ${actorTexts[actor].padEnd(6)}  ${title}`,
    ...forPeople(step).map((line) => `             ${line}`),
    ...(phones === undefined ? [] : [`             phones: ${phones}`]),
  ]
}

const listRows = (head: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [head, ...lines.map((line) => `  ${line}`)]

const severities = { error: 'ERROR', warning: 'warning', info: 'info' } as const

export function findingRows(findings: readonly (Finding & { readonly acknowledged?: boolean })[]): string[] {
  if (findings.length === 0) return ['Findings: none']
  const count = (severity: Finding['severity']) =>
    findings.filter((finding) => finding.severity === severity).length
  return [
    `Findings: ${count('error')} errors, ${count('warning')} warnings, ${count('info')} infos`,
    ...findings.flatMap(({ code, severity, at, devices, detail, remedy, acknowledged }) => [
      `  ${[
        `${code}  ${severities[severity]}`,
        ...(at === undefined ? [] : [at]),
        ...(devices === undefined ? [] : [`${devices} devices`]),
        ...(acknowledged && severity === 'warning' ? ['acknowledged'] : []),
      ].join(', ')}`,
      `    what  ${detail}`,
      `    do    ${remedy}`,
    ]),
  ]
}

function predictionRows(prediction: PlanAnswer['prediction']): string[] {
  if (prediction.length === 0) return []
  const rows = prediction.map(({ devices, model, holds, acceptance }) => [
    devices === undefined ? '?' : String(devices),
    model,
    holds,
    `${answerTexts[acceptance.answer]} (${acceptance.reason})`,
  ])
  return [
    'Who takes the file to come:',
    ...alignColumns([['devices', 'model', 'holds', 'answer'], ...rows]).map((row) => `  ${row}`),
  ]
}
