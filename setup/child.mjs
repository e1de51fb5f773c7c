import { spawn, spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { SetupFailure } from './failure.mjs'

const keptCharacters = 1_000_000

/**
 * @typedef {object} ChildOptions
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env] added to the environment
 * @property {(text: string) => void} [onStdout] gets stdout as it comes
 * @property {boolean} [stderr] whether stderr is passed through instead of captured
 */

/**
 * Runs a command with its output captured (the last million characters). A SIGINT or SIGTERM is passed on, so
 * that no npm or apt stays behind, and ends setup once the command is gone.
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
  })
  let output = ''
  /** @param {string} text */
  const keep = (text) => {
    output = (output + text).slice(-keptCharacters)
  }
  child.stdout?.setEncoding('utf8').on('data', options.onStdout ?? keep)
  child.stderr?.setEncoding('utf8').on('data', keep)
  const signals = forwardSignals(child)
  return new Promise((resolve, reject) => {
    child.on('error', (error) => {
      signals.stop()
      resolve({ code: 127, output: error.message })
    })
    child.on('close', (code, signal) => {
      const interruptedBy = signals.stop()
      if (interruptedBy) reject(new SetupFailure('interrupted', 128 + constants.signals[interruptedBy]))
      else resolve({ code: code ?? 128 + constants.signals[signal ?? 'SIGKILL'], output })
    })
  })
}

/** @param {import('node:child_process').ChildProcess} child */
function forwardSignals(child) {
  /** @type {NodeJS.Signals | undefined} */
  let received
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    received = signal
    child.kill(signal)
  }
  process.on('SIGINT', forward)
  process.on('SIGTERM', forward)
  return {
    stop() {
      process.off('SIGINT', forward)
      process.off('SIGTERM', forward)
      return received
    },
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
