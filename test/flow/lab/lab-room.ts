/**
 * A person's account in which a lab runs: XDG folders of its own in a place of its own, so that labs of several tests
 * never meet, and the two terminals that a rehearsal needs. Commands are typed as a person types them.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'smol-toml'
import type { ClusterObservationAnswer } from '../../../daemon/cli/answers.js'
import type { Cluster } from '../../../daemon/cluster/configuration/cluster-schema.js'
import { parseClusters } from '../../../daemon/cluster/configuration/cluster-settings.js'
import type { LabStatus } from '../../../lab/control/control-messages.js'
import { COMMAND, type CommandRun, type Finished, runCommand } from '../../cli/run-command.js'
import type { Seat } from '../../lab/person.js'

export interface LabRoom {
  readonly home: string
  readonly env: Readonly<Record<string, string>>
  readonly status: LabStatus
  /** `ctl-bridge …` in the other terminal. */
  readonly run: (args: readonly string[], how?: CommandRun) => Promise<Finished>
  /** `ctl-bridge lab …`, which must succeed. */
  readonly lab: (...args: readonly string[]) => Promise<string>
  /** What an observation gives to programs. */
  readonly observe: () => Promise<ClusterObservationAnswer>
  /** What it prints for people, and its exit code. */
  readonly look: () => Promise<Finished>
  /** As the lab registered it. */
  readonly settings: () => Promise<Cluster>
  readonly seatAt: (node: string) => Seat
  /** Bytes that a node serves over HTTP, as a phone gets them. */
  readonly served: (node: string, file?: string) => Promise<Buffer>
  /** Ctrl-C in the first terminal; resolves with the exit code of `lab up`. */
  readonly end: () => Promise<number>
  readonly close: () => Promise<void>
}

export interface Account {
  readonly home: string
  readonly env: Readonly<Record<string, string>>
  readonly remove: () => Promise<void>
}

/** The settings name the folders that XDG gives a person, because root's are the system's. */
export async function newAccount(): Promise<Account> {
  const home = await mkdtemp(join(tmpdir(), 'lab room '))
  const at = (name: string) => join(home, name)
  const env = {
    HOME: home,
    XDG_CONFIG_HOME: at('my settings'),
    XDG_STATE_HOME: at('my state'),
    XDG_RUNTIME_DIR: at('run'),
    CTL_BRIDGE_CONFIG: join(at('my settings'), 'ctl-bridge', 'config.toml'),
  }
  const socket = join(env.XDG_RUNTIME_DIR, 'ctl-bridge', 'api.sock')
  const state = { folder: join(env.XDG_STATE_HOME, 'ctl-bridge') }
  for (const folder of [join(env.XDG_CONFIG_HOME, 'ctl-bridge'), env.XDG_RUNTIME_DIR]) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  }
  await writeFile(env.CTL_BRIDGE_CONFIG, stringify({ http: { socket, port: 0 }, state }), { mode: 0o600 })
  return { home, env, remove: () => rm(home, { recursive: true, force: true }) }
}

/** `ctl-bridge lab up …`; resolves when it is up. */
export async function openLabRoom(...args: readonly string[]): Promise<LabRoom> {
  const account = await newAccount()
  const { home, env } = account
  const child = spawn(process.execPath, [COMMAND, 'lab', 'up', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: a Ctrl-C reaches all of it, and not the tests.
    detached: true,
    env: { ...process.env, ...env },
  })
  const ended = once(child, 'exit').then(([code]) => code as number)
  const end = async () => {
    if (child.exitCode === null) process.kill(-(child.pid ?? 0), 'SIGINT')
    return await ended
  }
  const status = await firstLine(child).catch(async (error) => {
    await account.remove()
    throw error
  })
  const nodeOf = (name: string) => {
    const found = status.nodes.find((node) => node.name === name)
    if (found === undefined) throw new Error(`there is no node ${name}`)
    return found
  }
  const run = (words: readonly string[], how: CommandRun = {}) =>
    runCommand(words, { ...how, env: { ...env, ...how.env } })
  return {
    home,
    env,
    status,
    run,
    lab: async (...words) => {
      const { code, stdout, stderr } = await run(['lab', ...words])
      if (code !== 0) throw new Error(`lab ${words.join(' ')} ended with ${code}: ${stderr}`)
      return stdout
    },
    observe: async () => JSON.parse((await run(['clusters', 'observe', status.name, '--json'])).stdout),
    look: () => run(['clusters', 'observe', status.name]),
    settings: async () => {
      const file = join(status.folder, 'clusters.toml')
      const [settings] = parseClusters(await readFile(file, 'utf8'), file)
      if (settings === undefined) throw new Error('the lab registered nothing')
      return settings
    },
    seatAt: (name) => {
      const { address, ports } = nodeOf(name)
      return { url: `https://${address}:${ports.web}/`, user: status.user, password: status.password }
    },
    served: async (name, file = 'CTLFile.tlv') => {
      const { address, ports } = nodeOf(name)
      const answer = await fetch(`http://${address}:${ports.http}/${file}`)
      if (answer.status !== 200) throw new Error(`${name} answers ${answer.status}`)
      return Buffer.from(await answer.arrayBuffer())
    },
    end,
    close: async () => {
      await end()
      await account.remove()
    },
  }
}

async function firstLine(child: ChildProcess): Promise<LabStatus> {
  let text = ''
  let complaints = ''
  child.stderr?.on('data', (part: Buffer) => {
    complaints += part
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (part: Buffer) => {
      text += part
      if (text.includes('\n')) resolve()
    })
    child.once('exit', (code) => reject(new Error(`the lab ended with ${code}: ${complaints}`)))
  })
  return JSON.parse(text.split('\n')[0] ?? '')
}
