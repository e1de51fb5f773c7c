/**
 * What was to be expected of each model, file after file: a phone that keeps its file is offered the next one by what it
 * holds, not by what it refused. Pure, of the cluster as it was when the migration was begun.
 */
import type { ModelCount } from '../../cluster/ports.js'
import { type MigrationRecord, startFile, tftpNodes } from '../migration-record.js'
import { seen } from '../plan/ground.js'
import type { Plan } from '../plan/plan.js'
import { fileTitles, type HeldFile, heldFiles } from '../rollback/held-files.js'
import { itlsOf } from '../rollback/plan-way-back.js'
import { deviceClasses, type PredictedRow, predict } from '../rollback/predict.js'
import { certificatesIn, vouchedByTvs } from '../rollback/vouched-by-tvs.js'
import type { Foretold } from './report.js'

export interface OfferedFile {
  readonly artifact: string
  readonly title: string
  /** Several where nodes had different ones; empty: not made yet. */
  readonly files: readonly (Uint8Array | 'none')[]
}

export interface ModelForetold {
  readonly foretold: Foretold
  readonly why: readonly string[]
}

/** In the order in which phones are to take them. */
export function offeredFiles(record: MigrationRecord): OfferedFile[] {
  const names = awaitedFiles(record.plan)
  return names.map((artifact) => {
    const title = artifact in fileTitles ? fileTitles[artifact as keyof typeof fileTitles] : artifact
    return { artifact, title, files: filesNamed(record, artifact) }
  })
}

function awaitedFiles({ steps }: Plan): string[] {
  const names = steps.flatMap(({ until }) =>
    until.flatMap((one) => (one.is === 'pilots-accepted' || one.is === 'fleet-answered' ? [one.what] : [])),
  )
  return [...new Set(names)]
}

function filesNamed(record: MigrationRecord, artifact: string): (Uint8Array | 'none')[] {
  if (artifact === 'before') {
    const from = record.takenBack ?? record
    const files = tftpNodes(from.situation).flatMap((node) => startFile(from, node) ?? [])
    const keys = files.map((file) => Buffer.from(file).toString('latin1'))
    return files.filter((_, index) => keys.indexOf(keys[index] ?? '') === index)
  }
  const draft = record.plan.steps.flatMap(({ does }) =>
    does.do === 'sign' && does.artifact === artifact ? [does.from] : [],
  )
  const file = [artifact, ...draft].map((name) => record.files.get(name)).find((one) => one !== undefined)
  return file === undefined ? [] : [file]
}

/** For each offered file: by model. */
export function foretell(
  record: MigrationRecord,
  offered: readonly OfferedFile[],
  models: readonly ModelCount[],
): ReadonlyMap<string, ModelForetold>[] {
  const start =
    record.takenBack === undefined
      ? heldFiles(atStart(record))
      : heldFiles(record.takenBack, record.situation)
  const holdings = new Map(models.map(({ model }) => [model, new Set(start.map(({ name }) => name))]))
  const known = [...start]
  return offered.map((offer) => {
    if (offer.files.length === 0) return new Map(models.map(({ model }) => [model, notYet]))
    const rows = rowsOf(record, known, offer, models)
    const told = models.map(({ model }): [string, ModelForetold] => {
      const held = holdings.get(model) ?? new Set()
      const own = rows.filter((row) => row.model === model && held.has(row.holds))
      holdings.set(model, new Set(own.flatMap((row) => afterwards(row, offer.title))))
      return [
        model,
        { foretold: verdictOf(own), why: [...new Set(own.map(({ acceptance }) => acceptance.detail))] },
      ]
    })
    const [file] = offer.files
    if (file !== undefined && !known.some(({ name }) => name === offer.title)) {
      known.push({ name: offer.title, bytes: file })
    }
    return new Map(told)
  })
}

/**
 * For each offered file: what holds of every device, where the cluster does not tell its models. Undefined where it
 * depends on whether the device can ask TVS.
 */
export function foretellOfEach(
  record: MigrationRecord,
  offered: readonly OfferedFile[],
): (ModelForetold | undefined)[] {
  return foretell(record, offered, deviceClasses).map((told) => {
    const [first, ...others] = told.values()
    if (first === undefined || others.some(({ foretold }) => foretold !== first.foretold)) return undefined
    return { ...first, why: [...new Set([first, ...others].flatMap(({ why }) => why))] }
  })
}

const notYet: ModelForetold = { foretold: 'no file yet', why: ['The file is not made yet.'] }

const atStart = ({ takenBack: _, ...record }: MigrationRecord): MigrationRecord => ({
  ...record,
  entries: [],
})

function afterwards({ holds, acceptance: { answer } }: PredictedRow, title: string): string[] {
  if (answer === 'refuses') return [holds]
  return answer === 'unknown' ? [holds, title] : [title]
}

function verdictOf(rows: readonly PredictedRow[]): Foretold {
  const answers = rows.map(({ acceptance }) => acceptance.answer)
  if (answers.includes('unknown') || answers.length === 0) return 'not known'
  if (answers.every((answer) => answer === 'refuses')) return 'keeps'
  return answers.includes('refuses') ? 'depends' : 'takes'
}

function rowsOf(
  record: MigrationRecord,
  held: readonly HeldFile[],
  { files }: OfferedFile,
  models: readonly ModelCount[],
): PredictedRow[] {
  const { situation, plan } = record
  const own = [...held.map(({ bytes }) => bytes), ...files].filter((bytes) => typeof bytes !== 'string')
  const vouched = vouchedByTvs(situation, own)
  const known = certificatesIn(situation, own)
  // The plan goes on only when every TVS vouches for what it has uploaded.
  const uploaded = plan.steps.flatMap(({ does }) =>
    does.do === 'upload-certificates' ? does.sha256.flatMap((sum) => known.get(sum) ?? []) : [],
  )
  return predict({
    held: Object.fromEntries(held.map(({ name, bytes }) => [name, bytes])),
    offered: files,
    itl: itlsOf(situation),
    vouched: vouched === undefined ? 'not asked' : [...vouched.byAll.values(), ...uploaded],
    vouchedBySome: [...(vouched?.bySome.values() ?? [])],
    models,
  })
}

/** Empty where the cluster did not say. */
export const modelsOf = ({ situation, takenBack }: MigrationRecord): readonly ModelCount[] =>
  seen(situation.models) ?? (takenBack && seen(takenBack.situation.models)) ?? []
