/** Who took each file, counted from readings, and beside it what was foretold. Pure. */
import { readChecksum } from '../../trust/phones/fleet-acceptance.js'
import { knownTrustList } from '../known-trust-list.js'
import { begunSteps, isDone, type MigrationRecord } from '../migration-record.js'
import { heldFiles } from '../rollback/held-files.js'
import type { RunEntry } from '../runner/run-entry.js'
import { ALL_OTHERS } from '../runner/seeing/see-phones.js'
import { fileState } from './file-facts.js'
import {
  foretell,
  foretellOfEach,
  type ModelForetold,
  modelsOf,
  type OfferedFile,
  offeredFiles,
} from './foretell.js'
import type { PhoneReadingRow, PhoneRow, PhoneTable } from './report.js'
import { timeText } from './report-words.js'

/** `isOpen`: whether the migration still goes on, or may. */
export function phoneTables(record: MigrationRecord, isOpen: boolean): PhoneTable[] {
  const offered = offeredFiles(record)
  const models = modelsOf(record)
  const foretold = foretell(record, offered, models)
  const ofEach = models.length === 0 ? foretellOfEach(record, offered) : []
  const nameOf = checksumNames(record, offered)
  return offered.map((offer, index) => {
    const own = entriesOf(record, offer.artifact)
    const readings = latest(own.flatMap((entry) => readingRow(entry, offer, nameOf)))
    const told = foretold[index] ?? new Map<string, ModelForetold>()
    const isAwaited = isOpen && !isFleetDone(record, offer.artifact)
    const rows = rowsOf({ models, told, ofEach: ofEach[index] }, readings, isAwaited)
    return {
      artifact: offer.artifact,
      title: offer.title,
      files: offer.files.map((file) => fileState(file, record.situation)),
      wasOffered: wasOffered(record, offer.artifact),
      rows,
      readings,
      words: own.flatMap(wordOf),
      surprises: surprisesOf(rows, readings),
    }
  })
}

/** Entries of the steps at which phones are awaited to take this file. */
function entriesOf({ plan, entries }: MigrationRecord, artifact: string): RunEntry[] {
  const steps = new Set(
    plan.steps
      .filter(({ until }) =>
        until.some(
          (one) => (one.is === 'pilots-accepted' || one.is === 'fleet-answered') && one.what === artifact,
        ),
      )
      .map(({ id }) => id),
  )
  return entries.filter(({ step }) => step !== undefined && steps.has(step))
}

function isFleetDone(record: MigrationRecord, artifact: string): boolean {
  return record.plan.steps.some(
    (step) =>
      step.until.some((one) => one.is === 'fleet-answered' && one.what === artifact) && isDone(record, step),
  )
}

function wasOffered(record: MigrationRecord, artifact: string): boolean {
  return begunSteps(record).some(({ does }) => {
    if (does.do === 'restore-files') return artifact === 'before'
    return (does.do === 'publish' || does.do === 'keep-served') && does.artifact === artifact
  })
}

/** Which file of the migration a checksum is of: what a phone shows counts more than what is said of it. */
function checksumNames(
  record: MigrationRecord,
  offered: readonly OfferedFile[],
): (checksum: string) => string | undefined {
  const names = new Map<string, string>()
  const files = [
    ...heldFiles(record).map(({ name, bytes }) => ({ name, bytes })),
    ...offered.flatMap(({ title, files: all }) => all.map((bytes) => ({ name: title, bytes }))),
  ]
  for (const { name, bytes } of files) {
    if (typeof bytes === 'string') continue
    const { md5, sha1, sha256 } = knownTrustList(bytes)
    for (const sum of [md5, sha1, sha256]) names.set(sum, name)
  }
  return (checksum) => {
    const read = readChecksum(checksum)
    if (read.kind === 'none') return 'no CTL'
    // No phone shows SHA-256; people copy it from elsewhere.
    return names.get('hex' in read ? read.hex : checksum.toLowerCase().replace(/[^0-9a-f]/g, ''))
  }
}

function readingRow(
  { kind, facts, principal, at, step = '' }: RunEntry,
  { title, files }: OfferedFile,
  nameOf: (checksum: string) => string | undefined,
): PhoneReadingRow[] {
  if (kind !== 'said' || !('reading' in facts) || facts.reading.device === ALL_OTHERS) return []
  const { device, model, took, checksum, note } = facts.reading
  const isGiven = checksum !== undefined && readChecksum(checksum).kind !== 'not read'
  const shows = isGiven ? nameOf(checksum) : undefined
  const isTheFile = shows === title || (shows === 'no CTL' && files.every((file) => file === 'none'))
  const accepted = isGiven ? (isTheFile ? 'accepted by checksum' : 'contradicting') : 'accepted by word'
  const refused = isGiven && isTheFile ? 'contradicting' : 'refused'
  return [
    {
      device,
      model,
      entered: took === 'accepted' ? 'accepted' : 'refused',
      verdict: took === 'accepted' ? accepted : refused,
      ...(isGiven && { checksum }),
      ...(shows !== undefined && { shows }),
      ...(note !== undefined && { note }),
      by: principal.name,
      at,
      step,
    },
  ]
}

function wordOf({ kind, facts, principal, at }: RunEntry): PhoneTable['words'] {
  if (kind !== 'said' || !('reading' in facts) || facts.reading.device !== ALL_OTHERS) return []
  const { took, model, note = '' } = facts.reading
  const word = { took, by: principal.name, at, note }
  return [took === 'unread' && model !== undefined ? { ...word, model } : word]
}

/** The last reading of a device counts. */
const latest = (readings: readonly PhoneReadingRow[]): PhoneReadingRow[] => [
  ...new Map(readings.map((reading) => [reading.device, reading])).values(),
]

interface Foretold {
  readonly models: ReturnType<typeof modelsOf>
  /** By model. */
  readonly told: ReadonlyMap<string, ModelForetold>
  /** Of every device, where no model was named. */
  readonly ofEach: ModelForetold | undefined
}

function rowsOf(
  { models, told, ofEach }: Foretold,
  readings: readonly PhoneReadingRow[],
  isAwaited: boolean,
): PhoneRow[] {
  const counted = models.map(({ model, devices }) => {
    const foretold = told.get(model) ?? { foretold: 'not known', why: [] }
    return rowOf(model, devices, foretold, readings, isAwaited)
  })
  const others = [...new Set(readings.map(({ model }) => model))].filter(
    (model) => !models.some((known) => known.model === model),
  )
  const nobody: ModelForetold = { foretold: 'not known', why: ['The cluster did not name this model.'] }
  return [
    ...counted,
    ...others.map((model) => rowOf(model, undefined, ofEach ?? nobody, readings, isAwaited)),
  ]
}

function rowOf(
  model: string | undefined,
  devices: number | undefined,
  foretold: ModelForetold,
  readings: readonly PhoneReadingRow[],
  isAwaited: boolean,
): PhoneRow {
  const own = readings.filter((reading) => reading.model === model)
  const count = (verdict: PhoneReadingRow['verdict']) => own.filter((one) => one.verdict === verdict).length
  const unread = devices === undefined ? undefined : Math.max(0, devices - own.length)
  const keeps = foretold.foretold === 'keeps'
  const none = unread === undefined ? undefined : 0
  return {
    model,
    devices,
    ...foretold,
    acceptedByChecksum: count('accepted by checksum'),
    acceptedByWord: count('accepted by word'),
    refused: count('refused'),
    contradicting: count('contradicting'),
    stranded: keeps ? unread : none,
    pending: !keeps && isAwaited ? unread : none,
    notObserved: !keeps && !isAwaited ? unread : none,
  }
}

function surprisesOf(rows: readonly PhoneRow[], readings: readonly PhoneReadingRow[]): string[] {
  return readings.flatMap(({ device, model, verdict, by, at }): string[] => {
    const foretold = rows.find((row) => row.model === model)?.foretold
    const who = `${device} (${model ?? 'model not said'})`
    const read = `by ${by}’s reading of ${timeText(at)}`
    if (foretold === 'takes' && verdict === 'refused') {
      return [`${who} was foretold to take the file, and ${read} it refused.`]
    }
    if (foretold === 'keeps' && verdict.startsWith('accepted')) {
      return [`${who} was foretold to keep its old file, and ${read} it took the new one.`]
    }
    return []
  })
}
