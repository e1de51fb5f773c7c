/** `lab up`: in the foreground until Ctrl-C, `lab down`, or the seconds are over. */
import { setTimeout as passes } from 'node:timers/promises'
import { LabProblem } from '../lab-folder.js'
import {
  type LabRelease,
  type LabState,
  labReleases,
  labStates,
  type TvsPolicy,
  tvsPolicies,
} from '../model/lab-cluster.js'
import { MAX_NODES } from '../model/make-lab-cluster.js'
import type { ResetFigures } from '../phones/fleet-report.js'
import { figuresLines } from '../phones/phone-table.js'
import { nextSteps, statusText } from '../status-text.js'
import { statusOf } from './control-handlers.js'
import { type RunningLab, type StartOptions, startLab } from './start-lab.js'

/** As the command gives them. */
export interface UpValues {
  readonly settings?: string
  readonly socket?: string
  /** How a person calls the command. */
  readonly command?: string
  readonly json?: boolean
  readonly name?: string
  readonly nodes?: string
  readonly phones?: string
  readonly release?: string
  readonly state?: string
  readonly tvs?: string
  readonly 'no-licence'?: boolean
  readonly 'no-daemon'?: boolean
  readonly 'tvs-delay'?: string
  readonly 'replication-delay'?: string
  readonly seconds?: string
}

const MOST_PHONES = 20_000

/** Seconds: short enough to rehearse with, long enough to be met. */
const USUAL_TVS_DELAY = 10
const USUAL_REPLICATION_DELAY = 2
/** Milliseconds that a service takes to start. */
const RESTART_TIME = 500

export async function runUp(values: UpValues, folder: string): Promise<number> {
  // Under npm a Ctrl-C arrives twice: a second one must not cut the orderly end short.
  const stopAsked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve())
  })
  const seconds = numberOf(values.seconds, 'seconds', 0, 1, 1e6)
  const starting = startLab(optionsOf(values, folder))
  // Not lost when it fails after a Ctrl-C that ended the wait for it.
  const failed = starting.then(() => undefined)
  const early = await Promise.race([failed, stopAsked.then(() => 'stopped' as const)])
  const running = await starting
  try {
    if (early === 'stopped') return 0
    tell(running, values)
    let isEnding = false
    void running.daemon?.ended.then(() => {
      if (!isEnding) say(`the daemon ended; its log is beside ${running.paths.daemonSettings}`)
    })
    const over = seconds > 0 ? passes(seconds * 1000, undefined, { ref: false }) : undefined
    const end = Promise.race([stopAsked, running.downAsked, ...(over === undefined ? [] : [over])]).then(
      () => undefined,
    )
    const booted = await Promise.race([bootPhones(running), end])
    if (booted !== undefined && !values.json) for (const line of figuresLines(booted)) say(line)
    await end
    isEnding = true
    return 0
  } finally {
    say('ending the lab')
    await running.close()
  }
}

function optionsOf(values: UpValues, folder: string): StartOptions {
  const { name, release, state, tvs, settings, socket } = values
  if (name !== undefined && !/^[A-Za-z0-9][A-Za-z0-9-]{0,30}$/.test(name)) {
    throw new LabProblem('--name has letters, digits and hyphens, 31 at most.', 2)
  }
  const options: StartOptions = {
    folder,
    nodes: numberOf(values.nodes, 'nodes', 3, 1, MAX_NODES),
    phones: numberOf(values.phones, 'phones', 500, 0, MOST_PHONES),
    hasEncryptionLicence: !values['no-licence'],
    tvsDelay: numberOf(values['tvs-delay'], 'tvs-delay', USUAL_TVS_DELAY, 0, 3600) * 1000,
    replicationDelay:
      numberOf(values['replication-delay'], 'replication-delay', USUAL_REPLICATION_DELAY, 0, 3600) * 1000,
    restartTime: RESTART_TIME,
    daemon:
      settings === undefined || socket === undefined || values['no-daemon']
        ? undefined
        : { settings, socket },
    onProgress: say,
    onKey: tellKey,
    ...(name !== undefined && { name }),
    ...(release !== undefined && { release: oneOf<LabRelease>(release, 'release', labReleases) }),
    ...(state !== undefined && {
      state: oneOf<LabState>(state, 'state', labStates),
    }),
    ...(tvs !== undefined && { tvsPolicy: oneOf<TvsPolicy>(tvs, 'tvs', tvsPolicies) }),
  }
  return options
}

function oneOf<Known extends string>(text: string, option: string, known: readonly Known[]): Known {
  const found = known.find((one) => one === text)
  if (found !== undefined) return found
  throw new LabProblem(`--${option} is one of ${known.join(', ')}.`, 2)
}

function numberOf(
  text: string | undefined,
  option: string,
  usual: number,
  least: number,
  most: number,
): number {
  if (text === undefined) return usual
  const number = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && number >= least && number <= most) return number
  throw new LabProblem(`--${option} is a number from ${least} to ${most}.`, 2)
}

/** One line that is written over on a terminal; elsewhere the last count alone. */
function tellKey(made: number, total: number): void {
  const isLast = made === total
  if (process.stderr.isTTY) process.stderr.write(`\rlab: key ${made} of ${total}${isLast ? '\n' : ''}`)
  else if (isLast) say(`${total} keys are made`)
}

const say = (text: string): void => void process.stderr.write(`lab: ${text}\n`)

function tell(running: RunningLab, { json, command = 'ctl-bridge', ...values }: UpValues): void {
  const status = statusOf({ ...running, daemon: () => running.daemon })
  if (json) {
    process.stdout.write(`${JSON.stringify(status)}\n`)
    return
  }
  const page = [statusText(status), nextSteps(status, command)].join('\n')
  process.stdout.write(`${page}\n${daemonAdvice(running, values)}Ctrl-C ends the lab, and all of it goes.\n`)
}

function daemonAdvice({ daemon, tokens, paths }: RunningLab, values: UpValues): string {
  if (tokens.module === undefined) {
    return `SoftHSM is not on this machine, so the lab’s tokens are keys in ${paths.sast} only, and the daemon\ncannot sign with them: install the package softhsm2 and start the lab again.\n\n`
  }
  if (daemon !== undefined) return ''
  const why = values['no-daemon']
    ? 'No daemon was started.'
    : 'A daemon runs already; it sees the cluster at once.'
  const { path, environment, watchFolders } = tokens.module
  return `${why} To see the lab’s tokens it needs in its settings:\n\n[[modules]]\nname = "lab"\npath = "${path}"\nenvironment = { SOFTHSM2_CONF = "${environment?.SOFTHSM2_CONF ?? ''}" }\nwatch_folders = ["${watchFolders.join('", "')}"]\n\n`
}

/** Phones come up with the nodes, as after a power cut: they fetch what there is and trust the first. */
async function bootPhones({ lab, phones }: RunningLab): Promise<ResetFigures | undefined> {
  if (lab.devices.length === 0) return undefined
  say('phones come up')
  return await phones.reset('all').catch(() => undefined)
}
