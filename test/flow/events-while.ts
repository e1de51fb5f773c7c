import { join } from 'node:path'
import { type WatchedEvent, watchEvents } from '../../daemon/cli/watch-events.js'
import type { Bench } from './bench.js'

/** Every event of a daemon while `work` runs, up to the one of the type `last`, which may come after the answer. */
export async function eventsWhile<T>(
  { folder, daemon }: Pick<Bench, 'folder' | 'daemon'>,
  last: string,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly events: readonly WatchedEvent[] }> {
  const events: WatchedEvent[] = []
  const leave = await watchEvents(join(folder, 'api.sock'), daemon.key, (event) => events.push(event))
  const result = await work()
  await until(() => events.some(({ type }) => type === last))
  leave()
  return { result, events }
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20))
}
