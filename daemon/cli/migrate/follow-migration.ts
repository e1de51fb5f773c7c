/** Shows how a migration goes on until it is done or stopped: a picture that changes on a terminal, lines elsewhere. */
import { setTimeout as sleep } from 'node:timers/promises'
import { BridgeError } from '../../bridge-error.js'
import { printable } from '../../ctl/text.js'
import type { MigrationAnswer } from '../answers.js'
import type { ApiClient } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { paintFor } from '../paint.js'
import { readAwaitedFiles } from './awaited-file.js'
import { isOpen } from './choose-migration.js'
import { livePicture } from './live-picture.js'
import { migrationExitCode } from './migration-exit-code.js'
import { migrationPath } from './migration-path.js'
import { migrationText } from './migration-text.js'
import { progressLines } from './progress-lines.js'

/** Milliseconds after which it looks although no event came: one may be lost. */
const LOOK_ANYWAY = 3_000
/** Milliseconds that a daemon which is started anew may stay away. */
const PATIENCE = 120_000

/** Resolves with the exit code, when it is stopped or has ended. */
export async function followMigration(
  api: ApiClient,
  first: MigrationAnswer,
  { terminal }: Pick<CommandContext, 'terminal'>,
): Promise<number> {
  const show = shower(api, terminal)
  const bell = makeBell()
  const { id } = first
  const listen = () =>
    api.watchEvents(({ type, data }) => {
      if (type.startsWith('migration.') && data.migration === id) bell.ring()
    })
  let leave = await listen()
  try {
    for (let now = first; ; ) {
      await show(now)
      if (!isGoingOn(now)) return migrationExitCode(now)
      await bell.heard(LOOK_ANYWAY)
      const looked = await lookPatiently(api, id, terminal.note)
      if (looked.wasAway) {
        leave()
        leave = await listen()
      }
      now = looked.migration
    }
  } finally {
    leave()
  }
}

export const isGoingOn = (migration: MigrationAnswer): boolean =>
  isOpen(migration) && migration.state !== 'stopped'

interface Bell {
  readonly ring: () => void
  /** Resolves when it rings, also when it rang meanwhile; or after so many milliseconds. */
  readonly heard: (milliseconds: number) => Promise<void>
}

function makeBell(): Bell {
  let rang = false
  let answer = (): void => undefined
  return {
    ring: () => {
      rang = true
      answer()
    },
    heard: async (milliseconds) => {
      const timer = new AbortController()
      if (!rang) {
        const ringing = new Promise<void>((resolve) => {
          answer = resolve
        })
        await Promise.race([
          ringing,
          sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => undefined),
        ])
      }
      rang = false
      timer.abort()
    },
  }
}

/** A migration outlives its daemon, so a daemon that is away is waited for. */
async function lookPatiently(
  api: ApiClient,
  id: string,
  note: (text: string) => void,
): Promise<{ readonly migration: MigrationAnswer; readonly wasAway: boolean }> {
  const began = performance.now()
  for (let wasAway = false; ; wasAway = true) {
    try {
      return { migration: await api.getJson<MigrationAnswer>(migrationPath(id)), wasAway }
    } catch (error) {
      const isAway = error instanceof BridgeError && error.code === 'DAEMON_UNREACHABLE'
      if (!isAway || performance.now() - began > PATIENCE) throw error
      if (!wasAway)
        note('ctl-bridge: the daemon does not answer; the migration is kept. Waiting for the daemon.\n')
      await sleep(1_000)
    }
  }
}

function shower(
  api: ApiClient,
  terminal: CommandContext['terminal'],
): (now: MigrationAnswer) => Promise<void> {
  let before: MigrationAnswer | undefined
  const picture = livePicture(terminal.print)
  return async (now) => {
    if (terminal.json) {
      const text = jsonText(now)
      if (before === undefined || text !== jsonText(before)) terminal.print(text)
    } else if (terminal.width === undefined) {
      for (const line of progressLines(before, now)) terminal.print(`${printable(line)}\n`)
    } else {
      const awaited = await readAwaitedFiles(api, now)
      const text = migrationText(now, { width: terminal.width, awaited, paint: paintFor(terminal) })
      picture(isGoingOn(now) ? `${text}\nCtrl-C leaves this display; the migration goes on.\n` : text)
    }
    before = now
  }
}
