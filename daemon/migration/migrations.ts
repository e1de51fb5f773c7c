/**
 * The migrations of this daemon: what people do with them, each checked against where the migration stands before it
 * is written. One runs per cluster.
 */
import { BridgeError } from '../bridge-error.js'
import type { Caller } from '../principal.js'
import { problems, toProblem } from '../problems.js'
import { isOpen, type KeptMigration, type MigrationState, type NewEntry } from '../store/migration-journal.js'
import type { Plan, StatementCode } from './plan/plan.js'
import { answerStep } from './runner/answer-step.js'
import { appendEntries } from './runner/append-entries.js'
import { checkPlan } from './runner/check-plan.js'
import { clockBehind } from './runner/clock-behind.js'
import type { PhoneReading } from './runner/eyes.js'
import { OpenMigration, theDaemon } from './runner/open-migration.js'
import { encodeRecord } from './runner/record-text.js'
import {
  currentStep,
  notAsked,
  type Refuse,
  refuseAcknowledging,
  refuseAgain,
  refuseSaying,
} from './runner/refuse-answer.js'
import type { FactsOf, RunEntry, SeenRow, StopFacts } from './runner/run-entry.js'
import type { RunEnd } from './runner/run-migration.js'
import type { RunParts } from './runner/run-parts.js'
import { RunTable } from './runner/run-table.js'
import type { Stand } from './runner/stand-of.js'
import { stepPrincipal } from './runner/step-principal.js'
import { notPlanned } from './runner/token-row.js'
import type { Situation } from './situation/situation.js'

export interface MigrationsParts extends RunParts {
  /** Short, unique, fit for a URL. */
  readonly newId: () => string
}

export interface NewRun {
  readonly plan: Plan
  readonly situation: Situation
  /** The migration that this takes back. */
  readonly rollbackOf?: string
}

export interface MigrationView {
  readonly kept: KeptMigration
  readonly plan: Plan
  readonly stand: Stand
  readonly entries: readonly RunEntry[]
  readonly isRunning: boolean
  /** Why its last run ended without a word in the journal: the store took none. Resume it. */
  readonly broken?: StopFacts
  /** What it waits for now; empty when it does not run. */
  readonly waits: readonly SeenRow[]
}

export class Migrations {
  readonly #parts: MigrationsParts
  readonly #runs: RunTable

  constructor(parts: MigrationsParts) {
    this.#parts = parts
    this.#runs = new RunTable(parts)
  }

  /**
   * Goes on with what ran when the daemon ended. What was stopped stays so, and what somebody began or resumed before
   * this was called runs already.
   */
  async start(): Promise<void> {
    for (const { id, cluster } of await this.#parts.journal.allOpen()) {
      if (this.#runs.has(id)) continue
      await this.#runs
        .claim(id, () => this.#goOn(id))
        .catch((error: unknown) => {
          const problem = toProblem(error)
          const { code, detail } = problem
          this.#runs.setBroken(id, problem)
          this.#parts.onEvent({ type: 'migration.broken', data: { migration: id, cluster, code, detail } })
        })
    }
  }

  /** Ends every run before its next action. */
  async close(): Promise<void> {
    const runs = this.#runs.all()
    for (const run of runs) run.halt()
    await Promise.all(runs.map(({ ended }) => ended))
  }

  /** Rejects with MIGRATION_PLAN_UNSAFE, MIGRATION_OPEN, or MIGRATION_RUNS where a way back is asked of a run. */
  async begin(caller: Caller, { plan, situation, rollbackOf }: NewRun): Promise<KeptMigration> {
    checkPlan(plan)
    const { keyId, name } = caller.principal
    const started = () => {
      const id = this.#parts.newId()
      return this.#runs.claim(id, async () => {
        const kept = await this.#parts.journal.begin({
          id,
          cluster: plan.cluster,
          planId: plan.id,
          plan: encodeRecord(plan),
          situation: encodeRecord(situation),
          startedBy: { keyId, name },
          ...(rollbackOf !== undefined && { rollbackOf }),
        })
        this.#runs.run(id)
        return kept
      })
    }
    return rollbackOf === undefined ? started() : this.#runs.claim(rollbackOf, started)
  }

  /** Something happened that one may wait for: a token was plugged in or unlocked, a file was published. */
  lookAgain(): void {
    for (const run of this.#runs.all()) run.wake()
  }

  async view(id: string): Promise<MigrationView> {
    const kept = await this.#kept(id)
    const run = this.#runs.get(id)
    const broken = this.#runs.brokenOf(id)
    return {
      kept,
      ...(await this.#read(id)),
      isRunning: run !== undefined,
      waits: run?.waits() ?? [],
      ...(broken !== undefined && { broken }),
    }
  }

  list(limit: number): Promise<readonly KeptMigration[]> {
    return this.#parts.journal.latest(limit)
  }

  /** Resolves when its run has ended, with how; at once when none is under way. */
  async ended(id: string): Promise<RunEnd | undefined> {
    return this.#runs.get(id)?.ended
  }

  /** Stops it before the next thing is done. What is being done meanwhile is finished and recorded. */
  async stop(caller: Caller, id: string, note: string): Promise<void> {
    const { stand } = await this.#read(id)
    if (stand.stopped !== undefined) throw notAsked(id, 'It is stopped already.')
    const { remedy } = problems.MIGRATION_STOPPED
    const detail = `${caller.principal.name} stopped it${note === '' ? '.' : `: ${note}`}`
    const facts: FactsOf<'stopped'> = { by: 'person', code: 'MIGRATION_STOPPED', detail, remedy, at: {} }
    try {
      await this.#append(id, { kind: 'stopped', principal: who(caller), facts }, { state: 'stopped' })
    } catch (error) {
      // A stop that cannot be written still is one, until the daemon starts anew.
      this.#runs.get(id)?.halt()
      throw error
    }
    this.#wake(id)
  }

  /** Goes on where it stands, whatever it stopped at: everything is looked at again first. */
  async resume(caller: Caller, id: string): Promise<void> {
    await this.#settle(id)
    await this.#runs.claim(id, async () => {
      const { entries } = await this.#read(id)
      const behind = clockBehind(entries, this.#parts.clock.now())
      if (behind !== undefined) throw behind
      const entry: NewEntry = { kind: 'resumed', principal: who(caller), facts: { by: 'person' } }
      await this.#append(id, entry, { state: 'running' })
      this.#runs.run(id)
    })
  }

  /** Ends it where it stands. What was done stays done. */
  async abandon(caller: Caller, id: string, note: string): Promise<void> {
    await this.#settle(id)
    const { remedy } = problems.MIGRATION_ENDED
    const detail = `${caller.principal.name} ended it${note === '' ? '.' : `: ${note}`}`
    const facts: FactsOf<'stopped'> = { by: 'person', code: 'MIGRATION_ENDED', detail, remedy, at: {} }
    const entry: NewEntry = { kind: 'stopped', principal: who(caller), facts }
    await this.#runs.claim(id, () => this.#append(id, entry, { state: 'abandoned' }))
  }

  /** What the daemon cannot see; recorded as said. */
  async say(caller: Caller, id: string, step: string, statement: StatementCode, note: string): Promise<void> {
    await this.#answer(caller, id, step, 'said', [{ statement, note }], refuseSaying(statement))
  }

  async enterReadings(
    caller: Caller,
    id: string,
    step: string,
    readings: readonly PhoneReading[],
  ): Promise<void> {
    const facts = readings.map((reading) => ({ reading }))
    await this.#answer(caller, id, step, 'said', facts)
  }

  /** A warning, by the code that it was told with. */
  async acknowledge(caller: Caller, id: string, step: string, code: string, note: string): Promise<void> {
    await this.#answer(caller, id, step, 'acknowledged', [{ code, note }], refuseAcknowledging(code))
  }

  /** Takes it on the caller that an action is done once more of which nobody knows whether it was done. */
  async again(caller: Caller, id: string, step: string, note: string): Promise<void> {
    await this.#answer(caller, id, step, 'said', [{ again: true, note }], refuseAgain)
  }

  /**
   * Unlocks the planned token for the step that waits for it, in the name of its custodian. Another token is refused
   * before a PIN is tried. `unlock` makes the one try.
   */
  async unlock<T>(
    caller: Caller,
    id: string,
    { step, serial }: { readonly step: string; readonly serial: string },
    unlock: (onBehalf: Caller) => Promise<T>,
  ): Promise<T> {
    const { stand } = await this.#read(id)
    const at = currentStep(stand, id, step)
    if (stand.stopped !== undefined) throw notAsked(id, 'It is stopped; resume it first.', step)
    // A run that ended without a word in the journal signs nothing: the PIN would be tried for nothing.
    if (this.#runs.get(id) === undefined) throw notAsked(id, 'It does not run now; resume it first.', step)
    if (at.does.do !== 'sign') throw notAsked(id, 'The step uses no token.', step)
    if (at.does.token !== serial) throw notPlanned(serial, at.does.token, step)
    const unlocked = await unlock({ ...caller, principal: stepPrincipal(id, step, caller.principal) })
    this.#wake(id)
    return unlocked
  }

  async #goOn(id: string): Promise<void> {
    const { state } = await this.#kept(id)
    const { stand } = await this.#read(id)
    if (stand.stopped !== undefined || !isOpen(state)) return
    await this.#append(id, { kind: 'resumed', principal: theDaemon, facts: { by: 'start' } })
    this.#runs.run(id)
  }

  async #answer<K extends 'said' | 'acknowledged'>(
    caller: Caller,
    id: string,
    step: string,
    kind: K,
    all: readonly FactsOf<K>[],
    refuse: Refuse = () => undefined,
  ): Promise<void> {
    await answerStep(this.#parts, { id, step, principal: who(caller) }, kind, all, refuse)
    this.#wake(id)
  }

  #append(id: string, entry: NewEntry, options: { readonly state?: MigrationState } = {}): Promise<boolean> {
    return appendEntries(this.#parts, id, [entry], options)
  }

  /** A run that was stopped in the journal ends by itself, after what it is doing. */
  async #settle(id: string): Promise<void> {
    await this.#kept(id)
    const run = this.#runs.get(id)
    if (run === undefined) return
    // A journal that contradicts itself ends its run as well.
    const isEnding = await this.#read(id).then(
      ({ stand }) => stand.stopped !== undefined,
      () => true,
    )
    if (isEnding) await run.ended
  }

  async #kept(id: string): Promise<KeptMigration> {
    const kept = await this.#parts.journal.get(id)
    if (kept !== undefined) return kept
    throw new BridgeError('MIGRATION_UNKNOWN', `There is no migration ${id}.`, { migration: id })
  }

  #read(id: string): ReturnType<OpenMigration['read']> {
    return new OpenMigration(id, this.#parts).read()
  }

  #wake(id: string): void {
    this.#runs.get(id)?.wake()
  }
}

const who = ({ principal: { keyId, name } }: Caller) => ({ keyId, name })
