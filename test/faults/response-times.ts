import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultyDaemon } from './fault-bench.js'

/** Requests that every measure has at least: the second slowest of them is their 99th percentile. */
const REQUESTS = 150
/**
 * Milliseconds from one request to the next, whether it was answered or not: a daemon that stands still for a
 * second is met by sixty requests, where one that waits for its answer would have met it once.
 */
const PACE = 16

/** Milliseconds per request, while `until` has not happened and for `REQUESTS` requests at least. */
export async function responseTimes(
  { get }: FaultyDaemon,
  paths: readonly string[],
  until: Promise<unknown> = Promise.resolve(),
): Promise<number[]> {
  let over = false
  const end = () => {
    over = true
  }
  until.then(end, end)
  const times: Promise<number>[] = []
  while (!over || times.length < REQUESTS) {
    times.push(timed(get, paths[times.length % paths.length] ?? ''))
    await sleep(PACE)
  }
  return await Promise.all(times)
}

async function timed(get: FaultyDaemon['get'], path: string): Promise<number> {
  const start = performance.now()
  const { status } = await get(path)
  if (status !== 200) throw new Error(`GET ${path} answered ${status}.`)
  return performance.now() - start
}

export function p99(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.POSITIVE_INFINITY
}
