/** The lab as a program: `ctl-bridge lab …` starts it. The first word says what to do; where the lab lives is told. */

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as passes } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { askLab, isLabRunning } from './control/control-client.js'
import type { LabFault, LabStatus, PhoneAnswer } from './control/control-messages.js'
import { LabProblem } from './lab-folder.js'
import { tvsPolicies } from './model/lab-cluster.js'
import type { FleetReport, ResetFigures } from './phones/fleet-report.js'
import { figuresLines, phoneText } from './phones/phone-table.js'
import { showPhones } from './phones/show-phones.js'
import { statusText } from './status-text.js'
import { cleanUp } from './up/leftovers.js'
import { runUp } from './up/run-up.js'

const options = {
  folder: { type: 'string' },
  settings: { type: 'string' },
  socket: { type: 'string' },
  command: { type: 'string' },
  json: { type: 'boolean' },
  name: { type: 'string' },
  nodes: { type: 'string' },
  phones: { type: 'string' },
  release: { type: 'string' },
  state: { type: 'string' },
  tvs: { type: 'string' },
  'no-licence': { type: 'boolean' },
  'no-daemon': { type: 'boolean' },
  'tvs-delay': { type: 'string' },
  'replication-delay': { type: 'string' },
  seconds: { type: 'string' },
  once: { type: 'boolean' },
  pilots: { type: 'boolean' },
  erase: { type: 'boolean' },
} as const

export type LabArguments = ReturnType<typeof readArguments>

function readArguments() {
  return parseArgs({ allowPositionals: true, options })
}

function folderOf({ values }: LabArguments): string {
  if (values.folder === undefined) throw new LabProblem('The lab is started by ctl-bridge lab up.', 2)
  return values.folder
}

async function run(given: LabArguments): Promise<number> {
  const [task] = given.positionals
  switch (task) {
    case 'up':
      return await runUp(given.values, folderOf(given))
    case 'status':
      return printStatus(await askLab<LabStatus>(folderOf(given), 'status'), given)
    case 'phones':
      return await runPhones(given)
    case 'reset':
      return await runReset(given)
    case 'fault':
      return await runFault(given)
    case 'tvs': {
      const [, policy = ''] = given.positionals
      if (!tvsPolicies.some((known) => known === policy)) {
        throw new LabProblem(`TVS looks up in one of ${tvsPolicies.join(', ')}.`, 2)
      }
      return printStatus(await askLab<LabStatus>(folderOf(given), 'tvs', { policy }), given)
    }
    case 'down':
      return await runDown(given)
    default:
      throw new LabProblem('The lab is started by ctl-bridge lab up.', 2)
  }
}

function printStatus(status: LabStatus, { values }: LabArguments): number {
  process.stdout.write(values.json ? `${JSON.stringify(status)}\n` : statusText(status))
  return 0
}

async function runPhones(given: LabArguments): Promise<number> {
  const folder = folderOf(given)
  const [, device] = given.positionals
  if (device !== undefined) {
    const answer = await askLab<PhoneAnswer>(folder, 'phone', { device })
    const { phone, log } = answer
    process.stdout.write(given.values.json ? `${JSON.stringify(answer)}\n` : phoneText(phone, log))
    return 0
  }
  const stop = new AbortController()
  process.on('SIGINT', () => stop.abort())
  await showPhones({
    read: () => askLab<FleetReport>(folder, 'phones'),
    output: process.stdout,
    form: given.values.json ? 'json' : 'table',
    live: !given.values.once,
    signal: stop.signal,
  })
  return 0
}

async function runReset(given: LabArguments): Promise<number> {
  const [, ...devices] = given.positionals
  const { pilots, erase } = given.values
  if (pilots && devices.length > 0) throw new LabProblem('Name devices or say --pilots, not both.', 2)
  const which = pilots ? 'pilots' : devices.length > 0 ? { devices } : 'all'
  const figures = await askLab<ResetFigures>(folderOf(given), 'reset', { which, erase: erase ?? false })
  process.stdout.write(
    given.values.json ? `${JSON.stringify(figures)}\n` : `${figuresLines(figures).join('\n')}\n`,
  )
  return 0
}

async function runFault(given: LabArguments): Promise<number> {
  const [, node = '', words = '', file] = given.positionals
  const fault = await readFault(words, file)
  return printStatus(await askLab<LabStatus>(folderOf(given), 'fault', { node, fault }), given)
}

async function readFault(words: string, file: string | undefined): Promise<LabFault> {
  const [kind, text] = words.split('=')
  if (kind !== 'replace' && file !== undefined) throw new LabProblem('Only replace takes a file.', 2)
  const amount = Number(text)
  const isAmount = text !== undefined && text !== '' && amount >= 0 && amount <= 3_600_000
  if (kind === 'slow' && isAmount) return { kind, delay: amount }
  if (kind === 'replication-late' && isAmount) return { kind, seconds: amount }
  if (kind === 'replace' && text === undefined) {
    if (file === undefined) throw new LabProblem('Say which file: lab fault NODE replace FILE', 2)
    const bytes = await readFile(file).catch((error: Error) => {
      throw new LabProblem(`The file cannot be read: ${error.message}.`, 1)
    })
    return { kind, file: bytes.toString('base64') }
  }
  const plain = (['down', 'tvs-down', 'disk-full', 'none'] as const).find((known) => known === words)
  if (plain !== undefined) return { kind: plain }
  throw new LabProblem(
    `There is no fault ${JSON.stringify(words)}. Faults: down, tvs-down, disk-full, slow=MILLISECONDS, replace FILE, replication-late=SECONDS, none.`,
    2,
  )
}

/** Milliseconds that a lab gets to end. */
const END_WITHIN = 60_000

async function runDown(given: LabArguments): Promise<number> {
  const folder = folderOf(given)
  if (!(await isLabRunning(folder))) {
    const wasThere = await cleanUp(folder)
    process.stderr.write(wasThere ? 'The leftovers of a lab are gone.\n' : 'No lab runs.\n')
    return 0
  }
  await askLab(folder, 'down')
  for (let waited = 0; existsSync(folder) && waited < END_WITHIN; waited += 50) await passes(50)
  if (existsSync(folder)) throw new LabProblem('The lab does not end. Look at its terminal.')
  return 0
}

try {
  process.exitCode = await run(readArguments())
} catch (error) {
  if (!(error instanceof Error)) throw error
  const isMistyped = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true
  const isForeseen = error instanceof LabProblem || isMistyped
  process.stderr.write(`ctl-bridge lab: ${isForeseen ? error.message : error.stack}\n`)
  process.exitCode = error instanceof LabProblem ? error.exitCode : isMistyped ? 2 : 70
}
