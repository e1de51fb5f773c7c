import type { FaultyDaemon } from './fault-bench.js'

/** Requests that every measure has at least: the second slowest of them is their 99th percentile. */
const REQUESTS = 150

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
  const times: number[] = []
  while (!over || times.length < REQUESTS) {
    const path = paths[times.length % paths.length] ?? ''
    const start = performance.now()
    const { status } = await get(path)
    if (status !== 200) throw new Error(`GET ${path} answered ${status}.`)
    times.push(performance.now() - start)
  }
  return times
}

export function p99(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.POSITIVE_INFINITY
}
