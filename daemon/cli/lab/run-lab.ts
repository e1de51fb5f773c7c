/**
 * `ctl-bridge lab …`: starts the lab's program with the person's terminal. Of the lab nothing is loaded here; the
 * program is told where it lives and where this machine's daemon is.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readConfig } from '../../config.js'
import { defaultPaths, labFolderBeside } from '../../place.js'
import type { CommandContext } from '../command.js'

const PROGRAM = fileURLToPath(new URL('../../../lab/main.js', import.meta.url))

/** The program has its own words and exit codes, which are the command's. */
export const runLab =
  (task: string) =>
  async ({ operands, values, switches, place }: CommandContext): Promise<number> => {
    const { config, ...given } = values
    const paths = defaultPaths(place)
    const { socket } = readConfig(config, place)
    const settings = resolve(config ?? (place.env.CTL_BRIDGE_CONFIG || paths.config))
    // In a clone npm runs the command; what is printed to be typed must work there.
    const command = place.env.npm_lifecycle_event === 'ctl-bridge' ? 'npm run -s ctl-bridge --' : 'ctl-bridge'
    const where = [
      '--folder',
      labFolderBeside(socket),
      ...(task === 'up' ? ['--settings', settings, '--socket', socket, '--command', command] : []),
    ]
    const named = Object.entries(given).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}=${value}`],
    )
    const plain = [...switches].map((name) => `--${name}`)
    return await follow([PROGRAM, ...where, ...named, ...plain, '--', task, ...operands])
  }

/** A Ctrl-C on the terminal reaches the program itself; a signal to this process alone is passed on. */
async function follow(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: 'inherit' })
  process.on('SIGINT', () => undefined)
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  const [code] = await once(child, 'exit')
  return code ?? 70
}
