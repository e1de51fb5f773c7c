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

/** Writes settings for one module and starts the daemon with them. */
export async function startDaemonProcess(
  folder: string,
  module: ModuleSettings,
  port: number,
): Promise<DaemonProcess> {
  const settings = join(folder, 'config.toml')
  const table = {
    http: { socket: join(folder, 'api.sock'), port },
    state: { folder: join(folder, 'state') },
    log: { level: 'warn' },
    modules: [moduleTable(module)],
  }
  await writeFile(settings, stringify(table))
  return await startDaemonWith(settings)
}

/** Starts `ctl-bridge serve` with a settings file; resolves when it listens. */
export async function startDaemonWith(settings: string): Promise<DaemonProcess> {
  const child = spawn(process.execPath, [COMMAND, 'serve', '--json', '--config', settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
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
  throw new Error(`The daemon does not start (${code}): ${detail} ${remedy}`)
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
