/** Whether the clock of this machine is behind what the journal has seen of it. Pure. */
import { BridgeError } from '../../bridge-error.js'
import type { RunEntry } from './run-entry.js'

/** How far back the clock may go: NTP moves it by less. */
const TOLERATED = 60_000

/** Against the latest of all entries: after a reboot with a wrong clock the last one has a wrong time itself. */
export function clockBehind(entries: readonly RunEntry[], now: number): BridgeError | undefined {
  // It may have been ahead for a while; then a person says which of both is right.
  const trusted = entries.findLastIndex(
    ({ kind, facts }) => kind === 'said' && 'statement' in facts && facts.statement === 'CLOCK_IS_RIGHT',
  )
  const times = entries.slice(Math.max(trusted, 0)).map(({ at }) => Date.parse(at))
  const latest = Math.max(0, ...times)
  if (latest - now <= TOLERATED) return undefined
  const detail = `The clock of this machine says ${new Date(now).toISOString()}, which is ${Math.round((latest - now) / 1000)} seconds before an entry of the journal, of ${new Date(latest).toISOString()}.`
  return new BridgeError('MIGRATION_CLOCK_JUMPED', detail)
}
