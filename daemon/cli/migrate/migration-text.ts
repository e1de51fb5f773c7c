/** Where a migration stands, for people: its steps, what it waits for, and what somebody has to do now. */

import { reportLines } from '../../trust/show/wrap-words.js'
import type { MigrationAnswer } from '../answers.js'
import { type Paint, plain } from '../paint.js'
import { forPeople } from './for-people.js'
import { nextRows } from './next-rows.js'
import { actorTexts, findingRows } from './plan-answer-text.js'

type Step = MigrationAnswer['steps'][number]

/** The checksums that phones show when they hold the file that is awaited. */
export interface AwaitedFile {
  readonly name: string
  readonly md5: string
  readonly sha1: string
}

export interface MigrationTextOptions {
  readonly width?: number | undefined
  /** Any of these. */
  readonly awaited?: readonly AwaitedFile[]
  readonly paint?: Paint
}

export function migrationText(
  migration: MigrationAnswer,
  { width, awaited = [], paint = plain }: MigrationTextOptions = {},
): string {
  const current = migration.steps.find(({ id }) => id === migration.current)
  const parts = [
    headRows(migration),
    migration.steps.map((step) => stepRow(step, migration.current)),
    stoppedRows(migration),
    current === undefined ? [] : nowRows(current),
    waitRows(migration),
    awaited.flatMap(({ name, md5, sha1 }) => [
      `A phone that took it shows one of these checksums (${name}):`,
      `  MD5    ${md5}`,
      `  SHA-1  ${sha1}`,
    ]),
    current?.does.do === 'hard-stop' ? findingRows(migration.findings) : [],
    nextRows(migration, current),
  ].filter((rows) => rows.length > 0)
  const text = parts.map((rows) => reportLines(rows, width)).join('\n')
  return text.replace(/^ +\[[x>?!]\]|^STOPPED/gm, (mark) => paint(markColours[mark.trim()] ?? 'bold', mark))
}

const markColours: Readonly<Record<string, 'green' | 'yellow' | 'red' | 'bold'>> = {
  '[x]': 'green',
  '[?]': 'yellow',
  '[!]': 'red',
  STOPPED: 'red',
}

const stateTexts: Readonly<Record<MigrationAnswer['state'], string>> = {
  running: 'under way',
  waiting: 'under way, and waits',
  stopped: 'stopped',
  done: 'done',
  'rolled-back': 'taken back',
  abandoned: 'ended before it was done',
}

export const minute = (instant: string): string => `${instant.slice(0, 16).replace('T', ' ')} UTC`

function headRows(migration: MigrationAnswer): string[] {
  const { id, cluster, plan, state, startedAt, startedBy, rollbackOf, steps, current } = migration
  const at = steps.findIndex((step) => step.id === current)
  return [
    `Migration ${id}: ${plan.title}`,
    `  cluster  ${cluster}, release ${plan.release ?? 'not known'}`,
    `  state    ${stateTexts[state]}${at < 0 ? '' : `, at step ${at + 1} of ${steps.length}`}`,
    `  started  ${minute(startedAt)} by ${startedBy.name}`,
    ...(rollbackOf === undefined ? [] : [`  back     from migration ${rollbackOf}`]),
  ]
}

/** `[x]` done, `[>]` at it, `[?]` nobody knows whether it was done, `[ ]` to come. */
export function stepMark({ phase, id }: Pick<Step, 'phase' | 'id'>, current: string | undefined): string {
  if (phase === 'done') return '[x]'
  if (phase === 'in-doubt') return '[?]'
  return id === current ? '[>]' : '[ ]'
}

const stepRow = (step: Step, current: string | undefined): string =>
  `  ${stepMark(step, current)} ${actorTexts[step.actor].padEnd(6)}  ${step.title}`

function stoppedRows({ stopped }: MigrationAnswer): string[] {
  if (stopped === undefined) return []
  const { by, code, detail, remedy, at } = stopped
  const where = Object.entries(at).map(([name, value]) => `${name} ${value}`)
  return [
    `STOPPED ${by === 'person' ? 'by a person' : 'by itself, before anything else was begun'} (${code})`,
    `  what   ${detail}`,
    ...(where.length > 0 ? [`  where  ${where.join(', ')}`] : []),
    `  do     ${remedy}`,
  ]
}

const nowTexts = { daemon: 'Now', token: 'Now, with a token', person: 'Now, and you do it' } as const
const numbered = (lines: readonly string[]): string[] => lines.map((line, index) => `  ${index + 1}. ${line}`)

function nowRows(step: Step): string[] {
  const { actor, title, phones, phase } = step
  return [
    `${nowTexts[actor]}: ${title}`,
    ...numbered(forPeople(step)),
    ...(phones === undefined ? [] : [`  phones  ${phones}`]),
    ...(phase === 'in-doubt'
      ? ['  Whether it was done is not known: the daemon, or its connection, ended meanwhile.']
      : []),
  ]
}

const holdsTexts = { true: 'yes', false: 'not yet', unknown: 'not seen' } as const

function waitRows({ waits, state }: MigrationAnswer): string[] {
  if (waits.length === 0 || state === 'done') return []
  return [
    'It waits until:',
    ...waits.flatMap(({ what, holds, evidence, never }) => [
      `  ${what}: ${holdsTexts[String(holds) as keyof typeof holdsTexts]}`,
      ...evidence.map(({ node, text }) => `    ${node === undefined ? '' : `${node}  `}${text}`),
      ...(never === undefined ? [] : [`    never: ${never}`]),
    ]),
  ]
}
