/** What preflight said of the phones, held against what they hold: by model, and by name for those left behind. */
import type { PhoneRecord } from '../lab/phones/phone-record.js'
import type { Finding, PlanAnswer } from './api.js'
import { hashOf } from './files-of-story.js'

export type Holds = 'new' | 'old' | 'another'

export interface ModelRow {
  readonly model: string
  readonly phones: number
  readonly predicted: PlanAnswer['prediction'][number]['acceptance']['answer']
  readonly holdNew: number
  readonly holdOld: number
}

export interface Comparison {
  readonly models: readonly ModelRow[]
  /** Devices of the models that preflight named. */
  readonly predictedBehind: readonly string[]
  /** Devices that show the checksum of the file from before. */
  readonly foundBehind: readonly string[]
  /** Neither one file nor the other. */
  readonly foundElsewhere: readonly string[]
  readonly isRight: boolean
}

export interface Told {
  readonly findings: readonly Finding[]
  readonly prediction: PlanAnswer['prediction']
}

export function compare(
  phones: readonly PhoneRecord[],
  { findings, prediction }: Told,
  files: { readonly before: Uint8Array; readonly after: Uint8Array },
): Comparison {
  const named = new Set(
    findings.flatMap(({ code, at }) => (code === 'DEVICES_WITHOUT_SBD' && at !== undefined ? [at] : [])),
  )
  const names = (some: readonly PhoneRecord[]) => some.map(({ device }) => device).sort()
  const holding = (what: Holds) => phones.filter((phone) => holdsOf(phone, files) === what)
  const predictedBehind = names(phones.filter(({ model }) => named.has(model)))
  const foundBehind = names(holding('old'))
  const foundElsewhere = names(holding('another'))
  const models = rowsOf(phones, prediction, files)
  return {
    models,
    predictedBehind,
    foundBehind,
    foundElsewhere,
    isRight:
      predictedBehind.join() === foundBehind.join() &&
      foundElsewhere.length === 0 &&
      models.every((row) => row.predicted === 'unknown' || isAsPredicted(row)),
  }
}

function rowsOf(
  phones: readonly PhoneRecord[],
  prediction: Told['prediction'],
  files: Parameters<typeof compare>[2],
): ModelRow[] {
  return [...new Set(phones.map(({ model }) => model))].map((model) => {
    const own = phones.filter((phone) => phone.model === model)
    const count = (what: Holds) => own.filter((phone) => holdsOf(phone, files) === what).length
    const predicted = prediction.find((row) => row.model === model)?.acceptance.answer ?? 'unknown'
    return { model, phones: own.length, predicted, holdNew: count('new'), holdOld: count('old') }
  })
}

export const isAsPredicted = ({ predicted, phones, holdNew, holdOld }: ModelRow): boolean =>
  predicted === 'refuses' ? holdOld === phones : holdNew === phones

function holdsOf({ ctl, shows }: PhoneRecord, { before, after }: Parameters<typeof compare>[2]): Holds {
  if (ctl.checksum === hashOf(after, shows)) return 'new'
  return ctl.checksum === hashOf(before, shows) ? 'old' : 'another'
}
