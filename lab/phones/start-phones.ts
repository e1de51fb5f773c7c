/** The lab's side of the process of its phones. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { TftpNode } from './fetch-file.js'
import type { PhoneBatch, WhichPhones } from './fleet.js'
import type { FleetReply, FleetRequest } from './fleet-messages.js'
import type { FleetReport, ResetFigures } from './fleet-report.js'
import { type PhoneDeadlines, usualDeadlines } from './phone.js'
import type { PhoneRecord } from './phone-record.js'
import type { PhoneRules } from './phone-rules.js'

export interface LabPhones {
  readonly pid: number
  /** Where they fetch from, each beginning at another node. */
  readonly connect: (nodes: readonly TftpNode[]) => Promise<void>
  readonly make: (batch: PhoneBatch) => Promise<void>
  readonly setRules: (rules: Partial<PhoneRules>) => Promise<void>
  readonly advanceClock: (seconds: number) => Promise<void>
  /** Resolves when the last of them is ready. */
  readonly reset: (which: WhichPhones, concurrency?: number) => Promise<ResetFigures>
  /** Deletes the trust lists at the phone, as a person would who walks to it. */
  readonly erase: (which: WhichPhones) => Promise<void>
  readonly report: () => Promise<FleetReport>
  readonly log: (device: string) => Promise<readonly string[]>
  /** Calls with phones that became ready; the result ends it. */
  readonly subscribe: (listener: (phones: readonly PhoneRecord[]) => void) => () => void
  readonly close: () => Promise<void>
}

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/** Milliseconds until a process that does not end by itself is killed. */
const END_WITHIN = 2000

export function startPhones(deadlines: PhoneDeadlines = usualDeadlines): LabPhones {
  const child = fork(fileURLToPath(new URL('./main.js', import.meta.url)), [JSON.stringify(deadlines)], {
    serialization: 'advanced',
    execArgv: [],
  })
  const waiting = new Map<number, Waiting>()
  const listeners = new Set<(phones: readonly PhoneRecord[]) => void>()
  let count = 0
  let ended = false

  child.on('message', (reply: FleetReply) => {
    if ('changed' in reply) {
      for (const listener of listeners) listener(reply.changed)
      return
    }
    const asked = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('problem' in reply) asked?.reject(new Error(reply.problem))
    else asked?.resolve(reply.result)
  })
  const fail = () => {
    ended = true
    for (const { reject } of waiting.values()) reject(new Error('The process of the phones has ended.'))
    waiting.clear()
  }
  child.once('exit', fail)
  child.once('error', fail)

  const ask = <Result>(request: FleetRequest): Promise<Result> =>
    new Promise((resolve, reject) => {
      if (ended || !child.connected) return reject(new Error('The process of the phones has ended.'))
      count += 1
      waiting.set(count, { resolve: (result) => resolve(result as Result), reject })
      child.send({ id: count, request })
    })

  return {
    pid: child.pid ?? 0,
    connect: (nodes) => ask({ do: 'connect', nodes }),
    make: (batch) => ask({ do: 'make', batch }),
    setRules: (rules) => ask({ do: 'rules', rules }),
    advanceClock: (seconds) => ask({ do: 'advance clock', seconds }),
    reset: (which, concurrency) => ask({ do: 'reset', which, concurrency }),
    erase: (which) => ask({ do: 'erase', which }),
    report: () => ask({ do: 'report' }),
    log: (device) => ask({ do: 'log', device }),
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => {
      if (ended) return
      const exit = once(child, 'exit')
      if (child.connected) child.disconnect()
      const timer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN)
      await exit
      clearTimeout(timer)
    },
  }
}
