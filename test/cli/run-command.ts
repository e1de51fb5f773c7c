/** Runs the built command as a person's shell does. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const COMMAND = fileURLToPath(new URL('../../daemon/cli/main.js', import.meta.url))

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandRun {
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  /** Written to file descriptor 3. */
  readonly descriptor3?: string
}

export function runCommand(
  args: readonly string[],
  { input, env, descriptor3 }: CommandRun = {},
): Promise<Finished> {
  // A session of its own has no controlling terminal, whatever runs the tests.
  const child = spawn(process.execPath, [COMMAND, ...args], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (part) => {
    stdout += part
  })
  child.stderr?.on('data', (part) => {
    stderr += part
  })
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
  const third = child.stdio[3] as NodeJS.WritableStream
  third.on('error', () => undefined)
  third.end(descriptor3 ?? '')
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}
