/** Many plugs and unplugs of one token, and what the daemon holds on to afterwards. */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { ExecutionContext } from 'ava'
import { eventually } from '../drivers/temporary-softhsm.js'
import { ask } from '../flow/bench.js'
import { childrenOf } from '../flow/processes.js'
import { isLong } from './long-run.js'

/** `npm run test:long` sets the environment; ten, by hand, show what is left behind each time. */
export const CYCLES = isLong ? 200 : 10
/** Cycles between two looks at the memory. */
const EVERY = 5
/** Milliseconds from one look to the next. */
const LOOK = 20
/** So many looks alike: a library that is told of an event rests for less before it waits for the next. */
const STILL = 100

export interface Plugged {
  readonly daemon: { readonly pid: number; readonly url: string; readonly key: string }
  readonly serial: string
  plug(): Promise<void>
  unplug(): Promise<void>
  /** Further processes whose open files are counted, for example pcscd: a session left open is one of them. */
  readonly servers?: readonly number[]
}

interface Held {
  readonly processes: number
  readonly files: number
}

/** Milliseconds from the end of a plug or an unplug until the daemon shows it. */
interface Told {
  readonly inserted: number[]
  readonly removed: number[]
}

/** Each plug and each unplug is seen by the daemon before the next; the token is plugged in before and after. */
export async function survivesPlugCycles(t: ExecutionContext, plugged: Plugged): Promise<void> {
  t.timeout(40 * 60_000)
  const { daemon } = plugged
  await cycle(plugged)
  const before = await quiet(plugged)
  const memory: number[] = []
  const told: Told = { inserted: [], removed: [] }
  for (let count = 1; count <= CYCLES; count += 1) {
    await cycle(plugged, told)
    if (count % EVERY === 0) memory.push(residentMemory(daemon.pid))
  }
  t.log(`told of a token after ${spread(told.inserted)}, of its removal after ${spread(told.removed)}`)
  t.deepEqual(await quiet(plugged), before)
  if (!isLong) return
  const [second, , last] = quartersAfterFirst(memory)
  t.log(`resident memory: ${second} kB in the second quarter of ${CYCLES} cycles, ${last} kB in the last`)
  t.true(last <= second * 1.15, `${second} kB grew to ${last} kB`)
}

async function cycle(plugged: Plugged, told?: Told): Promise<void> {
  await plugged.unplug()
  told?.removed.push(await seen(plugged, false))
  await plugged.plug()
  told?.inserted.push(await seen(plugged, true))
}

/** Milliseconds until it is so. Asks no more often than it must: what is measured is the daemon that scans, not the one that answers. */
async function seen({ daemon, serial }: Plugged, there: boolean): Promise<number> {
  const start = performance.now()
  await eventually(async () => {
    await sleep(LOOK)
    const { json } = await ask(daemon.url, `/v1/tokens/${serial}`, { key: daemon.key })
    return (json.state !== 'absent') === there || undefined
  })
  return performance.now() - start
}

/** Half of them, and nearly all of them. */
function spread(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const slow = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN
  return `${Math.round(median(times))} ms (95 of 100 within ${Math.round(slow)} ms)`
}

/** What is held when everything that a plug started is over: it stays as it is for a while. */
async function quiet(plugged: Plugged): Promise<Held> {
  let held = heldBy(plugged)
  let looks = 0
  await eventually(async () => {
    await sleep(LOOK)
    const now = heldBy(plugged)
    looks = isDeepStrictEqual(now, held) ? looks + 1 : 0
    held = now
    return looks >= STILL || undefined
  })
  return held
}

function heldBy({ daemon, servers = [] }: Plugged): Held {
  const files = [daemon.pid, ...servers].map((pid) => readdirSync(`/proc/${pid}/fd`).length)
  return { processes: childrenOf(daemon.pid).length, files: files.reduce((sum, count) => sum + count, 0) }
}

/** Kilobytes. */
function residentMemory(pid: number): number {
  const [, size] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(size)
}

/** Medians of the second, third and fourth quarter; in the first the daemon warms up. */
function quartersAfterFirst(samples: readonly number[]): readonly [number, number, number] {
  const length = Math.floor(samples.length / 4)
  const quarter = (index: number) => median(samples.slice(index * length, (index + 1) * length))
  return [quarter(1), quarter(2), quarter(3)]
}

function median(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN
}
