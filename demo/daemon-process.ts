/** The daemon as a process of its own, with settings of its own, in the demo's folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'smol-toml'
import type { Problem } from '../daemon/problems.js'
import type { ModuleSettings } from '../drivers/token.js'
import { moduleTable } from '../softhsm/module-settings.js'

const COMMAND = fileURLToPath(new URL('../daemon/cli/main.js', import.meta.url))

export interface DaemonProcess {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly key: string
  readonly settings: string
  readonly pid: number
  readonly ended: Promise<void>
  exitCode(): number | null
  stop(): Promise<void>
}

/**
 * Writes settings for one module and starts `ctl-bridge serve`; resolves when it listens. Aborting `until`
 * stops it as SIGTERM does, also while it starts.
 */
export async function startDaemonProcess(
  folder: string,
  module: ModuleSettings,
  port: number,
  until?: AbortSignal,
): Promise<DaemonProcess> {
  const settings = join(folder, 'config.toml')
  const table = {
    http: { socket: join(folder, 'api.sock'), port },
    state: { folder: join(folder, 'state') },
    log: { level: 'warn' },
    modules: [moduleTable(module)],
  }
  await writeFile(settings, stringify(table), { mode: 0o600 })
  return await startDaemonWith(settings, until)
}

/** Starts `ctl-bridge serve` with a settings file; resolves when it listens. `until` as above. */
export async function startDaemonWith(settings: string, until?: AbortSignal): Promise<DaemonProcess> {
  const child = spawn(process.execPath, [COMMAND, 'serve', '--json', '--config', settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(until === undefined ? {} : { signal: until }),
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const { url, keyFile } = readyFacts(JSON.parse(await firstLine(child)))
  return {
    url,
    key: (await readFile(keyFile, 'utf8')).trim(),
    settings,
    pid: child.pid ?? 0,
    ended,
    exitCode: () => child.exitCode,
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

type FirstLine = { readonly url: string; readonly keyFile: string } | { readonly problem: Problem }

function readyFacts(line: FirstLine): { url: string; keyFile: string } {
  if (!('problem' in line)) return line
  const { code, detail, remedy } = line.problem
  const instead =
    code === 'PORT_IN_USE' ? 'Stop the other program, or name another port with --port.' : remedy
  throw new Error(`The daemon does not start (${code}): ${detail} ${instead}`)
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (part: Buffer) => {
      text += part.toString('utf8')
      if (text.includes('\n')) resolve(text.split('\n')[0] ?? '')
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`The daemon ended with code ${code} before it was ready.`)))
  })
}
