/** What changed between two looks at a migration, a line each: for logs and pipes. Pure. */

import type { MigrationAnswer } from '../answers.js'
import { forPeople } from './for-people.js'

type Step = MigrationAnswer['steps'][number]

/** Without `before` it tells where things stand. */
export function progressLines(before: MigrationAnswer | undefined, now: MigrationAnswer): string[] {
  const isNew = before?.current !== now.current || (before?.state === 'stopped' && now.state !== 'stopped')
  const current = now.steps.find(({ id }) => id === now.current)
  return [
    ...(before === undefined
      ? [`migration ${now.id} of ${now.cluster}: ${now.plan.title}, ${now.state}`]
      : []),
    ...now.steps.flatMap((step) => doneLine(before, step)),
    ...(current === undefined || now.state === 'stopped' || !isNew ? [] : begunLines(current)),
    ...findingLines(before, now),
    ...waitLines(before, now),
    ...(before !== undefined && before.state === now.state ? [] : stateLines(before, now)),
  ]
}

function doneLine(before: MigrationAnswer | undefined, step: Step): string[] {
  if (step.phase !== 'done') return []
  const was = before?.steps.find(({ id }) => id === step.id)
  return was?.phase === 'done' ? [] : [`${step.id}  done: ${step.title}`]
}

const begins = { daemon: 'begins', token: 'needs a token', person: 'you do this' } as const

function begunLines(step: Step): string[] {
  const { id, actor, title } = step
  return [
    `${id}  ${begins[actor]}: ${title}`,
    ...forPeople(step).map((line, index) => `${id}    ${index + 1}. ${line}`),
  ]
}

/** Told once, when they come or change. */
function findingLines(before: MigrationAnswer | undefined, now: MigrationAnswer): string[] {
  const known = new Set((before?.findings ?? []).map(findingLine))
  return now.findings
    .filter(({ acknowledged, severity }) => severity !== 'info' && !acknowledged)
    .map(findingLine)
    .filter((line) => !known.has(line))
}

const findingLine = ({ code, severity, detail, remedy }: MigrationAnswer['findings'][number]): string =>
  `finding  ${severity} ${code}: ${detail} ${remedy}`

function waitLines(before: MigrationAnswer | undefined, now: MigrationAnswer): string[] {
  const known = new Set(before?.current === now.current ? waitsOf(before) : [])
  return waitsOf(now).filter((line) => !known.has(line))
}

const holdsTexts = { true: 'holds', false: 'not yet', unknown: 'not seen' } as const

const waitsOf = (migration: MigrationAnswer | undefined): string[] =>
  (migration?.waits ?? []).flatMap(({ what, holds, evidence }) => [
    `waits  ${what}: ${holdsTexts[String(holds) as keyof typeof holdsTexts]}`,
    ...evidence.map(({ node, text }) => `waits    ${node === undefined ? '' : `${node}: `}${text}`),
  ])

function stateLines(before: MigrationAnswer | undefined, { state, stopped }: MigrationAnswer): string[] {
  if (stopped !== undefined) {
    const { code, detail, remedy } = stopped
    return [`stopped  ${code}: ${detail}`, `stopped    do: ${remedy}`]
  }
  if (before?.state === 'stopped') return ['resumed']
  return state === 'done' || state === 'rolled-back' || state === 'abandoned' ? [state] : []
}
