import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { SetupFailure } from './failure.mjs'

const keptCharacters = 1_000_000
const leftOverMs = 2_000

/** @type {readonly NodeJS.Signals[]} */
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * @typedef {object} ChildOptions
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env] added to the environment
 * @property {(text: string) => void} [onStdout] gets stdout as it comes
 * @property {boolean} [stderr] whether stderr is passed through instead of captured
 */

/**
 * Runs a command with its output captured (the last million characters). A signal is passed on to the command and
 * all it started, so that no npm or compiler stays behind, and ends setup once the command is gone.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {ChildOptions} options
 * @returns {Promise<{ code: number, output: string }>} 127 when the command does not exist
 */
export function run(command, args, options = {}) {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', options.stderr ? 'inherit' : 'pipe'],
    // A process group of its own: npm stops neither its scripts nor what they started.
    detached: true,
  })
  let output = ''
  /** @param {string} text */
  const keep = (text) => {
    output = (output + text).slice(-keptCharacters)
  }
  child.stdout?.setEncoding('utf8').on('data', options.onStdout ?? keep)
  child.stderr?.setEncoding('utf8').on('data', keep)
  const stopForwarding = forwardSignals(child)
  return new Promise((resolve, reject) => {
    child.on('error', (error) => {
      stopForwarding()
      resolve({ code: 127, output: error.message })
    })
    child.on('exit', async (code, signal) => {
      await outputEnd(child)
      const interruptedBy = stopForwarding()
      if (interruptedBy) reject(new SetupFailure('interrupted', exitCodeOf(interruptedBy)))
      else resolve({ code: code ?? exitCodeOf(signal ?? 'SIGKILL'), output })
    })
  })
}

/** @param {NodeJS.Signals} signal */
const exitCodeOf = (signal) => 128 + constants.signals[signal]

/**
 * Something that was left running may keep the output open for ever.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
async function outputEnd(child) {
  const grace = new AbortController()
  const closed = once(child, 'close').then(() => grace.abort())
  await Promise.race([closed, sleep(leftOverMs, undefined, { signal: grace.signal }).catch(() => {})])
  child.stdout?.destroy()
  child.stderr?.destroy()
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {() => NodeJS.Signals | undefined} stops forwarding and gives the signal that came
 */
function forwardSignals(child) {
  /** @type {NodeJS.Signals | undefined} */
  let received
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    received = signal
    try {
      if (child.pid) process.kill(-child.pid, signal)
    } catch {
      // Gone already, or sudo's, which only root may signal: it is waited for.
    }
  }
  for (const signal of endSignals) process.on(signal, forward)
  return () => {
    for (const signal of endSignals) process.off(signal, forward)
    return received
  }
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {string | undefined} its stdout, undefined when it failed or does not exist
 */
export function answerOf(command, args) {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, LC_ALL: 'C' },
  })
  return status === 0 ? stdout : undefined
}

/**
 * @param {string} output
 * @param {number} count
 */
export function lastLines(output, count = 20) {
  return output.trimEnd().split('\n').slice(-count).join('\n')
}
