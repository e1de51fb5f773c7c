/** A daemon over a cluster on paper and a real store; and the person who answers what it waits for. */
import { Migrations } from '../../../daemon/migration/migrations.js'
import type { MigrationEvent } from '../../../daemon/migration/runner/migration-event.js'
import type { Pace } from '../../../daemon/migration/runner/run-parts.js'
import { stepKeyId } from '../../../daemon/migration/runner/step-principal.js'
import type { PluggedToken, TokenDesk, TokenStanding } from '../../../daemon/migration/runner/token-desk.js'
import type { Caller } from '../../../daemon/principal.js'
import type { MigrationJournal } from '../../../daemon/store/migration-journal.js'
import type { Clock } from '../../../daemon/tokens/clock.js'
import { Fuse } from './fuse.js'
import type { PaperCluster } from './paper-cluster.js'

export const anna: Caller = {
  principal: { keyId: 'a', name: 'Anna', scopes: ['operate', 'sign'] },
  requestId: 'r1',
}

/** Leases end with the daemon; the plug does not. */
export class PaperDesk implements TokenDesk {
  plugged: readonly PluggedToken[] = [{ serial: 'T1', label: 'Token one' }]
  held: { readonly keyId: string; readonly holder: string } | undefined

  standing = async (serial: string, keyId: string) => {
    const planned = this.#standing(serial, keyId)
    return { planned, others: this.plugged.filter((token) => token.serial !== serial) }
  }

  #standing(serial: string, keyId: string): TokenStanding {
    if (!this.plugged.some((token) => token.serial === serial)) return { is: 'absent' }
    if (this.held === undefined) return { is: 'locked' }
    return { is: this.held.keyId === keyId ? 'unlocked' : 'held', holder: this.held.holder }
  }
}

export interface PaperDaemon {
  readonly migrations: Migrations
  readonly desk: PaperDesk
  readonly events: MigrationEvent[]
}

export interface DaemonOptions {
  readonly fuse?: Fuse
  readonly clock?: Clock
  readonly pace?: Pace
  readonly newId?: () => string
  readonly onEvent?: (event: MigrationEvent, daemon: PaperDaemon) => void
  readonly between?: () => Promise<void>
}

/** Unlike the daemon's, it keeps the process alive: nothing else does here. */
export const liveClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, ring) {
    const timer = setTimeout(ring, milliseconds)
    return () => clearTimeout(timer)
  },
}

const quick: Pace = { first: 1, most: 4, looks: 3 }

export function aDaemon(
  cluster: PaperCluster,
  journal: MigrationJournal,
  options: DaemonOptions = {},
): PaperDaemon {
  const { fuse = new Fuse(), clock = liveClock, pace = quick, newId = () => 'm1', onEvent } = options
  const desk = new PaperDesk()
  const events: MigrationEvent[] = []
  const between = async () => {
    await fuse.pass('between two effects')
    await options.between?.()
  }
  const daemon: PaperDaemon = {
    desk,
    events,
    migrations: new Migrations({
      journal: fuse.through(journal),
      eyes: fuse.through(cluster.eyes()),
      hands: fuse.through(cluster.hands(between)),
      desk: fuse.through({ standing: desk.standing }),
      clock,
      pace,
      newId,
      onEvent(event) {
        events.push(event)
        onEvent?.(event, daemon)
      },
    }),
  }
  return daemon
}

/** Whether the act of a step was done, as a person finds out by looking at the cluster. */
export type IsDone = (step: string) => boolean

/** Does what the migration waits for, once per wait: uploads, answers, unlocks; says again only of what was not done. */
export function aPerson(cluster: PaperCluster, isDone: IsDone) {
  return ({ type, data }: MigrationEvent, { migrations, desk }: PaperDaemon): void => {
    if (type !== 'migration.waits') return
    const { migration, step } = data
    const answer = async (what: string) => {
      if (what.includes('TVS vouches')) for (const one of ['aa', 'bb']) cluster.trusted.add(one)
      if (what.startsWith('token T1')) {
        await migrations.unlock(anna, migration, { step, serial: 'T1' }, async ({ principal }) => {
          desk.held = { keyId: stepKeyId(migration, step), holder: principal.name }
        })
      }
      const said = /somebody says (\w+)/.exec(what)?.[1]
      if (said === 'GO' || said === 'BACKUP_TAKEN') await migrations.say(anna, migration, step, said, '')
      const code = /acknowledges (\w+)/.exec(what)?.[1]
      if (code !== undefined) await migrations.acknowledge(anna, migration, step, code, '')
      if (what.startsWith('it is known whether') && !isDone(step)) {
        await migrations.again(anna, migration, step, 'looked')
      }
    }
    // Answered meanwhile by the same person on an earlier event.
    void (async () => {
      for (const { what } of data.for) await answer(what)
    })().catch((error: { code?: string }) => {
      if (!error.code?.startsWith('MIGRATION_')) throw error
    })
  }
}
