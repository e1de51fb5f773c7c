/**
 * Where a migration stands, from its plan and its journal alone: a pure function, so that a daemon that was killed
 * goes on exactly where a daemon that was not would be.
 */
import type { Plan, Step } from '../plan/plan.js'
import { actionNatures, onlyWaits } from './action-nature.js'
import { journalWrong, type RunEntry, type StopFacts, type ToldFinding } from './run-entry.js'

export type Phase =
  /** Nothing of the step was begun. */
  | 'new'
  /** A person was told, or a wait was begun. */
  | 'told'
  /** An intent without an outcome, or with one that nobody knows. */
  | 'in-doubt'
  /** It was done; its effect is awaited. */
  | 'acted'
  /** A person said that it is done once more. */
  | 'again'
  /** It was tried, and nothing changed. */
  | 'failed'

export interface Stand {
  /** Number of the last entry, 0 when there is none. */
  readonly last: number
  /** Ids of the steps that are done, in order. */
  readonly done: readonly string[]
  /** The step that is next or under way; undefined when all are done. */
  readonly step: Step | undefined
  readonly phase: Phase
  /** The client itself said that the outcome is not known: nothing is repeated by itself then. */
  readonly isTold: boolean
  /** The daemon is doing it now: its intent is written, and no outcome, and no other daemon or run came after it. */
  readonly isActing: boolean
  /** By place in `until`: what was seen before the step was begun. */
  readonly marks: Readonly<Record<string, string>>
  /** Findings as they were told last, at this step. */
  readonly findings: readonly ToldFinding[] | undefined
  /** Why it is stopped. */
  readonly stopped: StopFacts | undefined
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Throws MIGRATION_JOURNAL_WRONG when the entries are not those of this plan, in its order. */
export function standOf(plan: Plan, entries: readonly RunEntry[]): Stand {
  const stand: Mutable<Stand> = { ...fresh(plan, []), last: 0, stopped: undefined }
  for (const entry of entries) {
    if (entry.sequence !== stand.last + 1) throw journalWrong(entry, `the one before it is ${stand.last}`)
    if (entry.step !== undefined && entry.step !== stand.step?.id) {
      throw journalWrong(
        entry,
        `it is of step ${entry.step}, and the plan is at ${stand.step?.id ?? 'its end'}`,
      )
    }
    take(plan, stand, entry)
    stand.last = entry.sequence
  }
  return stand
}

/**
 * Whether the daemon may do the action of the step by itself now. What was possibly sent, and is not the same when it
 * is sent again, is not.
 */
export function mayAct({ step, phase, stopped, isTold }: Stand): boolean {
  if (step === undefined || stopped !== undefined) return false
  if (step.actor === 'person' || onlyWaits(step.does)) return false
  if (phase === 'in-doubt') return !isTold && actionNatures[step.does.do].repeat === 'freely'
  return phase === 'new' || phase === 'again' || phase === 'failed'
}

const fresh = (plan: Plan, done: readonly string[]): Omit<Stand, 'last' | 'stopped'> => ({
  done,
  step: plan.steps[done.length],
  phase: 'new',
  isTold: false,
  isActing: false,
  marks: {},
  findings: undefined,
})

function take(plan: Plan, stand: Mutable<Stand>, entry: RunEntry): void {
  switch (entry.kind) {
    case 'intent':
      takeIntent(stand, entry)
      return
    case 'outcome':
      takeOutcome(stand, entry)
      return
    case 'observed':
      if ('findings' in entry.facts) stand.findings = entry.facts.findings
      else Object.assign(stand, fresh(plan, [...stand.done, stepOf(stand, entry).id]))
      return
    case 'said':
      if ('again' in entry.facts) takeAgain(stand, entry)
      return
    case 'stopped':
      stand.stopped = entry.facts
      return
    case 'resumed':
      stand.stopped = undefined
      stand.isActing = false
      return
    case 'acknowledged':
      return
  }
}

function stepOf(stand: Stand, entry: RunEntry): Step {
  if (stand.step === undefined || entry.step === undefined) throw journalWrong(entry, 'it is of no step')
  return stand.step
}

function takeIntent(stand: Mutable<Stand>, entry: RunEntry & { kind: 'intent' }): void {
  const step = stepOf(stand, entry)
  if (stand.stopped !== undefined) throw journalWrong(entry, 'the migration is stopped')
  const waits = step.actor === 'person' || onlyWaits(step.does)
  if (waits ? stand.phase !== 'new' : !mayAct(stand)) {
    throw journalWrong(entry, `the step is ${stand.phase} and is not begun again`)
  }
  stand.phase = waits ? 'told' : 'in-doubt'
  stand.isActing = !waits
  // What was seen before the first try is what an effect differs from, of whichever try it is.
  stand.marks = { ...entry.facts.marks, ...stand.marks }
}

function takeOutcome(stand: Mutable<Stand>, entry: RunEntry & { kind: 'outcome' }): void {
  stepOf(stand, entry)
  if (stand.phase !== 'in-doubt') throw journalWrong(entry, 'there is no intent before it')
  const { facts } = entry
  stand.isTold = facts.result === 'unknown'
  stand.isActing = false
  if (facts.result === 'done') stand.phase = 'acted'
  if (facts.result !== 'failed') return
  stand.phase = 'failed'
  const { code, detail, remedy, at } = facts
  if (!facts.goesOn) stand.stopped = { by: 'daemon', code, detail, remedy, at }
}

function takeAgain(stand: Mutable<Stand>, entry: RunEntry): void {
  stepOf(stand, entry)
  if (stand.phase !== 'in-doubt' && stand.phase !== 'acted') throw journalWrong(entry, 'nothing is in doubt')
  stand.phase = 'again'
  stand.isTold = false
}
