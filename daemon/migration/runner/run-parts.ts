/** What a run is given, and what one turn of it looks at. */
import type { MigrationJournal, MigrationPrincipal, NewEntry } from '../../store/migration-journal.js'
import type { Clock } from '../../tokens/clock.js'
import type { Plan, Step } from '../plan/plan.js'
import type { Situation } from '../situation/situation.js'
import { beforeName } from './artifact-names.js'
import type { Eyes, PhoneReading, StepContext } from './eyes.js'
import type { Hands } from './hands.js'
import type { OnMigrationEvent } from './migration-event.js'
import type { RunEntry, SeenRow } from './run-entry.js'
import { ALL_OTHERS, isUnread, readingKey } from './seeing/see-phones.js'
import type { Stand } from './stand-of.js'
import type { TokenDesk } from './token-desk.js'

/** How often it looks while it waits. */
export interface Pace {
  /** Milliseconds until the second look; each further one comes later, up to `most`. */
  readonly first: number
  readonly most: number
  /** Looks before what must hold before a step is given up: a node may just restart. */
  readonly looks: number
}

/** TVS reads a new file minutes after it was written (domain: TVS), so nobody is asked every second for long. */
export const usualPace: Pace = { first: 1_000, most: 30_000, looks: 5 }

export interface RunParts {
  readonly journal: MigrationJournal
  readonly eyes: Eyes
  readonly hands: Hands
  readonly desk: TokenDesk
  readonly onEvent: OnMigrationEvent
  /** Waits go by timers, which somebody who sets the clock does not move; `now` is for records alone. */
  readonly clock: Clock
  readonly pace: Pace
}

export interface TurnAt {
  readonly parts: RunParts
  readonly migration: string
  readonly startedBy: MigrationPrincipal
  readonly rollbackOf: string | undefined
  readonly plan: Plan
  readonly situation: Situation
  readonly entries: readonly RunEntry[]
  readonly stand: Stand
  readonly step: Step
  readonly signal: AbortSignal
  /** Looks in a row at which what the step needs did not hold. */
  readonly unmetLooks: number
  readonly write: Write
}

/** Resolves with whether it was written: not when somebody wrote after what this turn has read. */
export type Write = (
  entry: Pick<NewEntry, 'kind' | 'facts'>,
  options: { readonly state?: 'running' | 'stopped'; readonly guarded: boolean },
) => Promise<boolean>

export type Turn =
  /** Something was written; look again where it stands. */
  | { readonly is: 'on' }
  | { readonly is: 'wait'; readonly for: readonly SeenRow[]; readonly isUnmet?: boolean }
  | { readonly is: 'stop'; readonly error: Error }

export const on: Turn = { is: 'on' }

export function contextOf(turn: TurnAt): StepContext {
  const { parts, migration, rollbackOf, plan, situation, entries, step, signal } = turn
  const readings = new Map<string, PhoneReading>()
  for (const { kind, facts, step: id } of entries) {
    if (kind !== 'said' || !('reading' in facts)) continue
    // That a phone took the bridge says nothing of the file after it.
    const own = plan.steps.find((other) => other.id === id)
    if (own === undefined || awaitedFile(own) !== awaitedFile(step)) continue
    // Before all phones were reset, nobody can know of all of them.
    const reading = facts.reading as PhoneReading
    if (reading.device === ALL_OTHERS && !isUnread(reading) && id !== step.id) continue
    readings.set(readingKey(reading), reading)
  }
  const artifact = (name: string) => parts.journal.artifact(migration, name)
  const before = (node: string) => parts.journal.artifact(rollbackOf ?? migration, beforeName(node))
  return { migration, plan, situation, step, artifact, before, readings: [...readings.values()], signal }
}

/** Which file phones are to take by this step. */
const awaitedFile = ({ until }: Step): string | undefined =>
  until.flatMap((condition) =>
    condition.is === 'pilots-accepted' || condition.is === 'fleet-answered' ? [condition.what] : [],
  )[0]
