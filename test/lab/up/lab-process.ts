/** The lab as a process with a folder, settings and daemon of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ExecutionContext } from 'ava'
import { stringify } from 'smol-toml'
import type { LabStatus } from '../../../lab/control/control-messages.js'

const PROGRAM = fileURLToPath(new URL('../../../lab/main.js', import.meta.url))

export interface LabHome {
  readonly folder: string
  readonly settings: string
  readonly socket: string
}

export interface LabProcess {
  readonly child: ChildProcess
  readonly status: LabStatus
  /** Resolves with the exit code. */
  readonly ended: Promise<number>
}

/** Where a lab and its daemon live in this test, as a person's XDG folders would say. */
export async function labHome(t: ExecutionContext): Promise<LabHome> {
  const root = await mkdtemp(join(tmpdir(), 'ctl-bridge-up-'))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  const [settings, socket] = [join(root, 'config.toml'), join(root, 'api.sock')]
  await writeFile(
    settings,
    stringify({ http: { socket, port: 0 }, state: { folder: join(root, 'state') } }),
    {
      mode: 0o600,
    },
  )
  return { folder: join(root, 'lab'), settings, socket }
}

/** Resolves when the lab says where it is. */
export async function startLabProcess(
  t: ExecutionContext,
  { folder, settings, socket }: LabHome,
  args: readonly string[] = [],
): Promise<LabProcess> {
  const where = ['--folder', folder, '--settings', settings, '--socket', socket, '--json']
  const child = spawn(process.execPath, [PROGRAM, 'up', ...where, '--nodes', '1', '--phones', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit').then(([code]) => code as number)
  t.teardown(() => void child.kill('SIGKILL'))
  let text = ''
  let complaints = ''
  child.stderr.on('data', (part: Buffer) => {
    complaints += part.toString('utf8')
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (part: Buffer) => {
      text += part.toString('utf8')
      if (text.includes('\n')) resolve()
    })
    child.once('exit', (code) => reject(new Error(`the lab ended with ${code}: ${complaints}`)))
  })
  return { child, status: JSON.parse(text.split('\n')[0] ?? ''), ended }
}

/** `lab …` in another terminal; exit code and all that it printed. */
export async function lab(
  { folder }: LabHome,
  ...args: readonly string[]
): Promise<{ code: number; text: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      PROGRAM,
      '--folder',
      folder,
      ...args,
    ])
    return { code: 0, text: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, text: stdout + stderr }
  }
}

/** A zombie that nobody waited for does not run. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
