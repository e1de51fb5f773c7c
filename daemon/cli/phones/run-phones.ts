/** `ctl-bridge phones`: who takes a new CTL, who refuses, and what to do. */
import { BridgeError } from '../../bridge-error.js'
import { exitCodes } from '../../problems/exit-codes.js'
import type { FleetQuestion, Holding } from '../../trust/phones/fleet-acceptance.js'
import { deviceClasses, phoneAcceptance } from '../../trust/phones/phone-acceptance.js'
import { knownPhoneModels, makeClassOf } from '../../trust/phones/phone-models.js'
import { readTrustList } from '../../trust/phones/trust-list.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { readCertificateFiles } from '../read-certificate-file.js'
import { readInputFile } from '../read-input-file.js'
import { answerFleet } from './answer-fleet.js'
import { modelTableText, readModelTable } from './device-list.js'
import { classText, newFileText } from './phones-text.js'

export async function run(context: CommandContext): Promise<number> {
  const { values, switches, terminal } = context
  if (switches.has('print-models')) {
    terminal.print(modelTableText(knownPhoneModels))
    return exitCodes.done
  }
  refuseOddOptions(context)
  const name = values.new ?? ''
  const question = await readQuestion(context, name)
  if (values.devices !== undefined) {
    const form = terminal.json ? 'json' : switches.has('csv') ? 'csv' : 'text'
    return await answerFleet(question, { newName: name, devices: values.devices, form, note: terminal.note })
  }
  return answerClasses(context, name, question)
}

function refuseOddOptions({ values, lists, switches, terminal }: CommandContext): void {
  const usage = (detail: string) => new BridgeError('USAGE', `ctl-bridge phones: ${detail}`)
  if (values.new === undefined) throw usage('--new FILE is missing.')
  if ((lists.installed ?? []).length === 0) {
    throw usage('--installed FILE is missing; say none for phones without a CTL.')
  }
  if (switches.has('csv') && values.devices === undefined) throw usage('--csv needs --devices FILE.')
  if (switches.has('csv') && terminal.json) throw usage('--csv and --json exclude each other.')
  const fromInput = [values.new, values.itl, values.models, values.devices, ...(lists.installed ?? [])]
  if (fromInput.filter((file) => file === '-').length > 1) throw usage('standard input (-) can be read once.')
}

async function readQuestion({ values, lists }: CommandContext, name: string): Promise<FleetQuestion> {
  const models = values.models === undefined ? knownPhoneModels : await readModelTable(values.models)
  const holdings: Holding[] = []
  for (const file of lists.installed ?? []) {
    holdings.push({ name: file, list: file === 'none' ? 'none' : readTrustList(await readInputFile(file)) })
  }
  const vouching = (lists.tvs ?? []).filter((file) => file !== 'none')
  const vouched = (await readCertificateFiles(vouching)).map(({ der }) => der)
  return {
    holdings,
    itl:
      values.itl === undefined
        ? 'not given'
        : values.itl === 'none'
          ? 'none'
          : readTrustList(await readInputFile(values.itl)),
    offered: readTrustList(await readInputFile(name)),
    tvs: lists.tvs?.length ? vouched : 'not asked',
    classOf: makeClassOf(models),
  }
}

function answerClasses({ terminal }: CommandContext, name: string, question: FleetQuestion): number {
  const answers = question.holdings.flatMap(({ name: installed, list }) =>
    deviceClasses.map((deviceClass) => ({
      installed,
      class: deviceClass,
      ...phoneAcceptance({ ...question, installed: list, deviceClass }),
    })),
  )
  if (terminal.json) {
    terminal.print(jsonText({ new: name, draft: question.offered.isDraft, answers }, 2))
  } else {
    terminal.print(newFileText(name, question.offered))
    for (const { installed, class: deviceClass, ...acceptance } of answers) {
      terminal.print(classText(installed, deviceClass, acceptance))
    }
  }
  const areTaken = answers.every(({ answer }) => answer.startsWith('accepts'))
  return areTaken ? exitCodes.done : exitCodes.file
}
