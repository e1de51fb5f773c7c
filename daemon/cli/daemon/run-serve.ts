/** `ctl-bridge serve`: the daemon in the foreground until SIGTERM or SIGINT. */
import { type Config, readConfig } from '../../config.js'
import { type RunningDaemon, startDaemon } from '../../main.js'
import { firstKeyFile } from '../../store/first-key-file.js'
import type { CommandContext, Terminal } from '../command.js'
import { jsonText } from '../json-text.js'

export async function run({ values, place, terminal }: CommandContext): Promise<number> {
  const config = readConfig(values.config, place)
  // Not `once`: under npm a Ctrl-C arrives twice, and the second must not cut the orderly stop short.
  const stopAsked = new Promise<void>((resolve) => {
    process.on('SIGTERM', () => resolve())
    process.on('SIGINT', () => resolve())
  })
  const daemon = await startDaemon(config)
  // A library that hangs must not keep the daemon from stopping.
  const next = await Promise.race([daemon.ready.then(() => 'ready'), stopAsked.then(() => 'stop')]).catch(
    async (error: unknown) => {
      await daemon.stop()
      throw error
    },
  )
  if (next === 'ready') announce(daemon, config, terminal)
  await stopAsked
  await daemon.stop()
  return 0
}

function announce(daemon: RunningDaemon, config: Config, terminal: Terminal): void {
  const facts = {
    socket: daemon.socket,
    url: `http://127.0.0.1:${daemon.port}`,
    keyFile: firstKeyFile(config.stateFolder),
    settings: config.file ?? null,
  }
  if (terminal.json) terminal.print(jsonText(facts))
  else {
    terminal.print(
      `ctl-bridge is ready.\n  socket    ${facts.socket}\n  http      ${facts.url}\n  key       in ${facts.keyFile}\n  settings  ${facts.settings ?? 'defaults (no file)'}\nCtrl-C stops it.\n`,
    )
  }
}
