/** Words that the text and the page of a report share. */

import { accepted } from './in-short.js'
import type {
  MigrationReport,
  NodeFiles,
  PhoneRow,
  PhoneTable,
  ReportedFinding,
  ReportedStep,
} from './report.js'

/** `2026-03-02 08:01:00 UTC` */
export const timeText = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`

export const stateWords: Readonly<Record<MigrationReport['migration']['state'], string>> = {
  running: 'under way',
  waiting: 'waiting',
  stopped: 'stopped',
  done: 'done',
  'rolled-back': 'taken back',
  abandoned: 'ended where it stood',
}

export const actorWords: Readonly<Record<ReportedStep['actor'], string>> = {
  daemon: 'daemon',
  token: 'token',
  person: 'person',
}

export const foretoldWords: Readonly<Record<PhoneRow['foretold'], string>> = {
  takes: 'takes it',
  keeps: 'keeps what it holds',
  depends: 'depends on what it holds',
  'not known': 'not known',
  'no file yet': 'no file yet',
}

/** One line about a migration, a pair each. */
export function facts({ migration, madeAt }: MigrationReport): (readonly [string, string])[] {
  const { id, cluster, kind, release, state, startedAt, startedBy, endedAt, rollbackOf } = migration
  const of = kind === 'cucm' ? 'CUCM' : 'Asterisk'
  return [
    ['cluster', `${cluster} (${of}${release === undefined ? '' : ` ${release}`})`],
    ['migration', id],
    ...(rollbackOf === undefined ? [] : [['takes back', rollbackOf] as const]),
    ['state', stateWords[state]],
    ['begun', `${timeText(startedAt)} by ${startedBy}`],
    ...(endedAt === undefined ? [] : [['ended', timeText(endedAt)] as const]),
    ['report of', timeText(madeAt)],
  ]
}

/** Columns of the table of phones, as they stand from left to right. */
export const phoneColumns: readonly {
  readonly title: string
  readonly of: (row: PhoneRow) => number | undefined
  /** What is counted. */
  readonly meaning: string
}[] = [
  { title: 'devices', of: ({ devices }) => devices, meaning: 'as the cluster counted them at the start' },
  { title: 'accepted', of: accepted, meaning: 'read on the phone, by checksum or by somebody’s word' },
  { title: 'refused', of: ({ refused }) => refused, meaning: 'read on the phone' },
  {
    title: 'unclear',
    of: ({ contradicting }) => contradicting,
    meaning: 'the checksum read is not what was entered',
  },
  { title: 'stranded', of: ({ stranded }) => stranded, meaning: 'not read; foretold to keep what they hold' },
  {
    title: 'pending',
    of: ({ pending }) => pending,
    meaning: 'not read yet; the reset of all phones is not done',
  },
  { title: 'unseen', of: ({ notObserved }) => notObserved, meaning: 'not observed: nobody read them' },
]

/** `?` where the number of devices is not known. */
export const countText = (count: number | undefined): string => (count === undefined ? '?' : String(count))

export const modelText = (model: string | undefined): string => model ?? 'model not said'

/** How the accepted of a table are known. */
export function evidenceText({ rows, readings }: PhoneTable): string {
  const sum = (count: (row: PhoneRow) => number) => rows.reduce((all, row) => all + count(row), 0)
  const checksum = sum((row) => row.acceptedByChecksum)
  const word = sum((row) => row.acceptedByWord)
  const readers = [...new Set(readings.map(({ by }) => by))].join(', ')
  if (readings.length === 0) return 'No phone was read.'
  return `Accepted: ${checksum} by the checksum of the file, ${word} by word alone. Read by ${readers}.`
}

/** What a person says of phones that nobody read. */
export function wordText({ took, by, at, note, model }: PhoneTable['words'][number]): string {
  const said =
    model === undefined ? `Of all others ${by} says: ${took}` : `No ${model} can be read, ${by} says`
  return `${said}${note === '' ? '' : ` (${note})`}, ${timeText(at)}. That was not observed.`
}

export function afterText({ after, unseenSince, before }: NodeFiles): string | undefined {
  const since =
    unseenSince === undefined ? '' : `Step ${unseenSince} may have changed it since; that was not seen.`
  if (after !== undefined) return since === '' ? undefined : since
  if (unseenSince !== undefined)
    return `Step ${unseenSince} may have changed it; nobody has seen what is there now.`
  return before === undefined ? undefined : 'The migration has not changed it.'
}

export function acknowledgedText({ severity, acknowledged, isOfNow }: ReportedFinding): string {
  const by = acknowledged.map(
    ({ by: who, at, note }) => `Acknowledged by ${who}, ${timeText(at)}${note === '' ? '.' : `: ${note}`}`,
  )
  if (by.length > 0) return by.join(' ')
  if (!isOfNow) return 'Not found any more when preflight was made last.'
  return severity === 'warning' ? 'Not acknowledged.' : ''
}

export function durationText(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  if (minutes === 0) return `${seconds} s`
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
