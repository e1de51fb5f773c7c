/** `ctl-bridge serve`: the daemon in the foreground until SIGTERM or SIGINT. */
import { readConfig } from '../config.js'
import { startDaemon } from '../main.js'
import { firstKeyFile } from '../store/first-key-file.js'
import type { CommandContext } from './command.js'

export async function run({ values, place, terminal }: CommandContext): Promise<number> {
  const config = readConfig(values.config, place)
  // Not `once`: under npm a Ctrl-C arrives twice, and the second must not cut the orderly stop short.
  const stopAsked = new Promise<void>((resolve) => {
    process.on('SIGTERM', () => resolve())
    process.on('SIGINT', () => resolve())
  })
  const daemon = await startDaemon(config)
  const facts = {
    socket: daemon.socket,
    url: `http://127.0.0.1:${daemon.port}`,
    keyFile: firstKeyFile(config.stateFolder),
    settings: config.file ?? null,
  }
  if (terminal.json) terminal.print(`${JSON.stringify(facts)}\n`)
  else {
    terminal.print(
      `ctl-bridge is ready.\n  socket    ${facts.socket}\n  http      ${facts.url}\n  key       in ${facts.keyFile}\n  settings  ${facts.settings ?? 'defaults (no file)'}\nCtrl-C stops it.\n`,
    )
  }
  await stopAsked
  await daemon.stop()
  return 0
}
