/** The daemon of a rehearsal as a process of its own, so that it can be killed with -9 while cluster and people go on. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import type { ProbeReport, ProbeRequest } from '../../../daemon/cluster/publishing/publishing.js'
import type { Migrations } from '../../../daemon/migration/desk/migrations.js'
import type { Caller } from '../../../daemon/principal.js'
import type { JournalEntry } from '../../../daemon/store/migration-journal.js'
import type { DeskMethod, DeskReply, DeskRequest, DeskSettings } from './desk-messages.js'

export interface RemoteDesk extends Omit<Migrations, 'begin' | 'halt'> {
  readonly probe: (caller: Caller, cluster: string, request: ProbeRequest) => Promise<ProbeReport>
  readonly journal: (id: string) => Promise<readonly JournalEntry[]>
  readonly release: () => Promise<void>
  readonly close: () => Promise<void>
}

export interface DeskProcess {
  readonly pid: number
  readonly desk: RemoteDesk
  readonly isEnded: () => boolean
  /** It has come to where it is held. */
  readonly isHeld: () => boolean
  readonly ended: Promise<void>
  readonly kill: () => Promise<void>
}

/** The daemon told a problem. */
export class DeskProblem extends Error {
  readonly code: string
  readonly at: Readonly<Record<string, string | number>>

  constructor({ code, detail, at }: Extract<DeskReply, { problem: object }>['problem']) {
    super(`${code}: ${detail}`)
    this.code = code
    this.at = at
  }
}

/** The daemon ended before it answered. */
export class DeskGone extends Error {}

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/** Resolves when it has looked for tokens once and gone on with what was open; it may have killed itself by then. */
export async function startDesk(t: ExecutionContext, settings: DeskSettings): Promise<DeskProcess> {
  const child = fork(fileURLToPath(new URL('./desk-child.js', import.meta.url)), [JSON.stringify(settings)], {
    serialization: 'advanced',
    execArgv: [],
  })
  t.teardown(() => void child.kill('SIGKILL'))
  const waiting = new Map<number, Waiting>()
  let count = 0
  let isEnded = false
  let isHeld = false
  const ended = once(child, 'exit').then(() => {
    isEnded = true
    for (const { reject } of waiting.values()) reject(new DeskGone('the daemon has ended'))
    waiting.clear()
  })
  const ready = new Promise<void>((resolve) => {
    child.on('message', (reply: DeskReply) => {
      if ('isReady' in reply) return resolve()
      if ('isHeld' in reply) {
        isHeld = true
        return
      }
      const asked = waiting.get(reply.id)
      waiting.delete(reply.id)
      if ('problem' in reply) asked?.reject(new DeskProblem(reply.problem))
      else asked?.resolve(reply.result)
    })
  })
  const ask = (method: DeskMethod, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (isEnded || !child.connected) return reject(new DeskGone('the daemon has ended'))
      count += 1
      waiting.set(count, { resolve, reject })
      const request: DeskRequest = { id: count, method, args }
      child.send(request, (error) => {
        if (error !== null) reject(new DeskGone(error.message))
      })
    })
  const desk = new Proxy({} as RemoteDesk, {
    get: (_, method: DeskMethod | 'then') =>
      method === 'then' ? undefined : (...args: readonly unknown[]) => ask(method, args),
  })
  await Promise.race([ready, ended])
  return {
    pid: child.pid ?? 0,
    desk,
    isEnded: () => isEnded,
    isHeld: () => isHeld,
    ended,
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
