/** Scripts in namespaces of their own: with no USB but the one they make, and no network but loopback. */
import { type ExecFileException, execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { compiledFrom, compileOnce, compileProgram } from './compile-c.js'
import { HANG_LIMIT } from './temporary-softhsm.js'

/** Root has namespaces of its own; others only where the system lets them. */
const UNSHARE = process.getuid?.() === 0 ? ['-n', '-m'] : ['-r', '-n', '-m']
const PREPARE = 'mount -t tmpfs tmpfs /sys && exec "$@"'

/** Why this machine has no namespaces for us, in one sentence. */
function whyNoNamespaces(): string | undefined {
  const tried = spawnSync('unshare', [...UNSHARE, 'sh', '-c', PREPARE, 'sh', 'true'], { encoding: 'utf8' })
  if (tried.status === 0) return undefined
  return (tried.error?.message ?? tried.stderr.trim()) || `unshare ended with code ${tried.status}`
}

const without = whyNoNamespaces()

/** A test with USB devices of its own; skipped, with the reason in its title, where namespaces are not allowed. */
export function usbTest(title: string, run: (t: ExecutionContext) => Promise<void>): void {
  if (without === undefined) test.serial(title, run)
  else test.serial.skip(`${title} (not tried: no mount and network namespaces here: ${without})`, run)
}

/**
 * Runs a compiled script of the tests, which gets the program made of `forge-uevent.c` and `args`, and gives what
 * it wrote as JSON.
 */
export async function runInNamespaces<T>(script: URL, args: readonly string[] = []): Promise<T> {
  const forge = await compileOnce(
    compiledFrom(['drivers/forge-uevent.c'], 'drivers/forge-uevent'),
    compileProgram,
  )
  const program = [process.execPath, fileURLToPath(script), forge, ...args]
  const command = [...UNSHARE, 'sh', '-c', PREPARE, 'sh', ...program]
  try {
    const { stdout } = await promisify(execFile)('unshare', command, { timeout: HANG_LIMIT * 2 })
    return JSON.parse(stdout) as T
  } catch (error) {
    throw new Error((error as ExecFileException).stderr || String(error))
  }
}
