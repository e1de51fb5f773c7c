/** The lab as a process of its own, in the demo's folder, beside the socket of the demo's daemon: so they find each other. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as passes } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { askLab } from '../lab/control/control-client.js'
import type { LabStatus, ResetRequest } from '../lab/control/control-messages.js'
import type { FleetReport } from '../lab/phones/fleet-report.js'

const PROGRAM = fileURLToPath(new URL('../lab/main.js', import.meta.url))

export interface LabWish {
  readonly folder: string
  readonly nodes: number
  readonly phones: number
  /** Seconds until TVS reads a changed CTL file again; CUCM takes minutes. */
  readonly tvsDelay: number
  readonly replicationDelay: number
  readonly onProgress: (line: string) => void
}

export interface LabProcess {
  readonly status: LabStatus
  readonly pid: number
  /** Rejects when it ends by itself. */
  readonly lost: Promise<never>
  readonly phones: () => Promise<FleetReport>
  readonly reset: (which: ResetRequest['which']) => Promise<void>
  readonly stop: () => Promise<void>
}

/** CUCM 10.5.2 in mixed mode without tokens; resolves when its phones hold what it serves. */
export async function startLabProcess(wish: LabWish, until: AbortSignal): Promise<LabProcess> {
  const child = spawn(process.execPath, [PROGRAM, ...argumentsOf(wish)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const words = listen(child, wish.onProgress)
  const ended = once(child, 'exit').then(() => undefined)
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await ended
  }
  const lost = ended.then((): never => {
    throw new Error(`The lab ended: ${words.last() || 'it said nothing'}.`)
  })
  // Whoever races against it hears of it; nobody does while the demo ends.
  lost.catch(() => undefined)
  try {
    const status: LabStatus = JSON.parse(await Promise.race([words.first, lost]))
    const phones = () => askLab<FleetReport>(wish.folder, 'phones')
    await Promise.race([booted(phones, until), lost])
    return {
      status,
      pid: child.pid ?? 0,
      lost,
      phones,
      reset: async (which) => void (await askLab(wish.folder, 'reset', { which, erase: false })),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

const argumentsOf = ({ folder, nodes, phones, tvsDelay, replicationDelay }: LabWish): string[] => [
  'up',
  ...['--folder', folder, '--json', '--no-daemon'],
  ...['--release', '10.5.2', '--state', 'tokenless'],
  ...['--nodes', `${nodes}`, '--phones', `${phones}`],
  ...['--tvs-delay', `${tvsDelay}`, '--replication-delay', `${replicationDelay}`],
]

interface Words {
  /** Of its output: where it is. */
  readonly first: Promise<string>
  /** Of its complaints. */
  readonly last: () => string
}

function listen(child: ChildProcess, onProgress: (line: string) => void): Words {
  let output = ''
  let last = ''
  child.stderr?.on('data', (part: Buffer) => {
    for (const line of part.toString('utf8').split(/[\r\n]/)) {
      const said = line.replace(/^(ctl-bridge )?lab: /, '').trim()
      if (said === '') continue
      last = said.replace(/\.$/, '')
      onProgress(last)
    }
  })
  const first = new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (part: Buffer) => {
      output += part.toString('utf8')
      if (output.includes('\n')) resolve(output.split('\n')[0] ?? '')
    })
    child.once('error', reject)
  })
  return { first, last: () => last }
}

/** Phones come up with the nodes, as after a power cut. */
async function booted(phones: () => Promise<FleetReport>, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { progress, figures } = await phones()
    if (progress === undefined && figures !== undefined) return
    await passes(100, undefined, { signal })
  }
}
