/**
 * The daemon beside the lab. One that answers already is left alone; else one is started with the person's own settings,
 * socket, state and key, to which the lab's tokens are added: docs/decisions/0012-the-lab-and-the-daemon.md.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, stringify, type TomlTable } from 'smol-toml'
import { installedModules } from '../../drivers/known-modules.js'
import type { ModuleSettings } from '../../drivers/token.js'
import { moduleTable } from '../../softhsm/module-settings.js'
import { LabProblem } from '../lab-folder.js'

const COMMAND = fileURLToPath(new URL('../../daemon/cli/main.js', import.meta.url))

export interface DaemonWish {
  /** The person's settings; need not exist. */
  readonly settings: string
  /** The socket where a command looks for the daemon. */
  readonly socket: string
  /** Where the daemon's own settings are written. */
  readonly ownSettings: string
  readonly module: ModuleSettings | undefined
}

export interface LabDaemon {
  readonly pid: number
  readonly socket: string
  readonly ended: Promise<void>
  readonly stop: () => Promise<void>
}

/** Undefined when another daemon answers. Rejects with the daemon's own words when it does not start. */
export async function startLabDaemon(wish: DaemonWish): Promise<LabDaemon | undefined> {
  const own = existsSync(wish.settings) ? parse(readFileSync(wish.settings, 'utf8')) : {}
  const socket = socketOf(own) ?? wish.socket
  if (await answers(socket)) return undefined
  await mkdir(dirname(wish.ownSettings), { recursive: true, mode: 0o700 })
  await writeFile(wish.ownSettings, stringify(daemonSettings(own, wish)), { mode: 0o600 })
  const log = openSync(join(dirname(wish.ownSettings), 'daemon.log'), 'a', 0o600)
  const child = spawn(process.execPath, [COMMAND, 'serve', '--json', '--config', wish.ownSettings], {
    stdio: ['ignore', 'pipe', log],
  })
  closeSync(log)
  const ended = once(child, 'exit').then(() => undefined)
  await ready(child)
  return {
    pid: child.pid ?? 0,
    socket,
    ended,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await ended
    },
  }
}

function socketOf({ http }: TomlTable): string | undefined {
  const { socket } = (http ?? {}) as { readonly socket?: unknown }
  return typeof socket === 'string' ? socket : undefined
}

/** The person's own, with what is found beside the person's file named, because these settings lie elsewhere. */
function daemonSettings(own: TomlTable, { settings, module }: DaemonWish): TomlTable {
  const clusters = join(dirname(settings), 'clusters.toml')
  const named = own.clusters === undefined && existsSync(clusters) ? { clusters: { file: clusters } } : {}
  const log = { level: 'warn', ...(own.log as TomlTable | undefined) }
  return { ...named, ...own, log, ...(module === undefined ? {} : { modules: modulesWith(own, module) }) }
}

/** Without modules in the settings the daemon looks into known places; with the lab's it must still do so. */
function modulesWith(own: TomlTable, module: ModuleSettings): TomlTable[] {
  const others =
    (own.modules as TomlTable[] | undefined) ??
    installedModules()
      .filter(({ path }) => path !== module.path)
      .map(({ name, path }) => ({ name, path }))
  return [...others, moduleTable(module) as TomlTable]
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const client = connect(socket)
    client.once('connect', () => {
      client.destroy()
      resolve(true)
    })
    client.once('error', () => resolve(false))
  })
}

/** The first line is where it listens, or its problem. */
async function ready(child: ChildProcess): Promise<void> {
  const line = await firstLine(child)
  const facts = line === '' ? undefined : JSON.parse(line)
  if (facts?.socket !== undefined) return
  const problem = facts?.problem
  const why = problem === undefined ? 'It ended without a word.' : `${problem.detail} ${problem.remedy}`
  throw new LabProblem(`The daemon does not start. ${why} Or start the lab without it: lab up --no-daemon`)
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    // Read on after the line: a pipe that nobody reads would stop the daemon one day.
    child.stdout?.on('data', (part: Buffer) => {
      text += text.includes('\n') ? '' : part.toString('utf8')
      if (text.includes('\n')) resolve(text.split('\n')[0] ?? '')
    })
    child.once('error', () => resolve(''))
    child.once('exit', () => resolve(text))
  })
}
