/** Answers a list of devices one by one and counts; never holds more than a batch of it. */
import { exitCodes } from '../../problems/exit-codes.js'
import {
  type Device,
  type DeviceAcceptance,
  type FleetQuestion,
  makeFleetJudge,
} from '../../trust/phones/fleet-acceptance.js'
import { csvLine } from './csv-rows.js'
import { readDevices } from './device-list.js'
import { type FleetCount, fleetText, newFileText } from './phones-text.js'
import { printSteadily } from './print-steadily.js'

export interface FleetAnswerOptions {
  readonly newName: string
  /** The list of devices, `-` for standard input. */
  readonly devices: string
  /** `json` and `csv` print a line for each device, `text` a summary. */
  readonly form: 'json' | 'csv' | 'text'
  readonly note: (text: string) => void
}

/** Returns the exit code: 0 when every device accepts. Rejects with FILE_UNREADABLE or LIST_INVALID. */
export async function answerFleet(question: FleetQuestion, options: FleetAnswerOptions): Promise<number> {
  const judge = makeFleetJudge(question)
  const tally = new FleetTally()
  const shown = lineFor(options.form)
  const put = (text: string) => printSteadily(process.stdout, text)
  if (options.form === 'csv')
    await put(csvLine(['device', 'model', 'class', 'holds', 'read', 'answer', 'reason']))
  for await (const devices of readDevices(options.devices)) {
    let text = ''
    for (const device of devices) {
      const answered = judge(device)
      tally.add(device, answered)
      text += shown(device, answered)
    }
    if (text !== '' && !(await put(text))) return tally.exitCode
  }
  if (tally.total === 0) options.note(`ctl-bridge: ${options.devices} names no device.\n`)
  if (options.form === 'json') await put(`${JSON.stringify({ summary: tally.summary })}\n`)
  if (options.form === 'text') {
    await put(
      `${newFileText(options.newName, question.offered)}${fleetText(tally.counts, tally.total, tally.taken)}`,
    )
  }
  return tally.exitCode
}

function lineFor(form: FleetAnswerOptions['form']): (device: Device, answered: DeviceAcceptance) => string {
  if (form === 'text') return () => ''
  return ({ name, model }, { deviceClass, holds, isChecked, acceptance: { answer, reason } }) =>
    form === 'csv'
      ? csvLine([name, model, deviceClass, holds ?? '', isChecked ? 'yes' : 'no', answer, reason])
      : `${JSON.stringify({ device: name, model, class: deviceClass, holds: holds ?? null, read: isChecked, answer, reason })}\n`
}

/** A list of nonsense may name as many models as devices; these are counted together. */
const MODELS_COUNTED = 1000

class FleetTally {
  readonly #counts = new Map<string, FleetCount & { count: number }>()
  readonly #models = new Set<string>()
  total = 0
  /** Devices that are taken to hold a file nobody read on their screen. */
  taken = 0

  add({ model }: Device, { holds, isChecked, acceptance }: DeviceAcceptance): void {
    this.total++
    if (!isChecked && holds !== undefined) this.taken++
    if (this.#models.size < MODELS_COUNTED) this.#models.add(model)
    const counted = this.#models.has(model) ? model : '(other models)'
    const key = `${acceptance.reason}\n${holds ?? ''}\n${counted}`
    const known = this.#counts.get(key)
    if (known) known.count++
    else this.#counts.set(key, { model: counted, holds: holds ?? 'not known', acceptance, count: 1 })
  }

  get counts(): readonly FleetCount[] {
    return [...this.#counts.values()]
  }

  /** As data: how many devices of each model give each answer. */
  get summary() {
    const answers = this.counts.map(({ model, holds, acceptance: { answer, reason }, count }) => {
      return { model, holds, answer, reason, count }
    })
    return { devices: this.total, withoutChecksum: this.taken, answers }
  }

  get exitCode(): number {
    const areTaken = this.counts.every(({ acceptance }) => acceptance.answer.startsWith('accepts'))
    return areTaken && this.total > 0 ? exitCodes.done : exitCodes.file
  }
}
