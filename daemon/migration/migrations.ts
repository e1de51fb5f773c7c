/**
 * The migrations of this daemon: what people do with them, each checked against where the migration stands before it
 * is written. One runs per cluster.
 */
import { BridgeError } from '../bridge-error.js'
import type { Caller } from '../principal.js'
import { problems, toProblem } from '../problems.js'
import type { KeptMigration, NewEntry } from '../store/migration-journal.js'
import type { Plan, StatementCode, Step } from './plan/plan.js'
import { checkPlan } from './runner/check-plan.js'
import type { PhoneReading } from './runner/eyes.js'
import { OpenMigration, theDaemon } from './runner/open-migration.js'
import { encodeRecord } from './runner/record-text.js'
import type { FactsOf, RunEntry, SeenRow, StopFacts } from './runner/run-entry.js'
import { type Run, type RunEnd, runMigration } from './runner/run-migration.js'
import type { RunParts } from './runner/run-parts.js'
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
  readonly #runs = new Map<string, Run>()
  readonly #broken = new Map<string, StopFacts>()

  constructor(parts: MigrationsParts) {
    this.#parts = parts
  }

  /** Goes on with what ran when the daemon ended. What was stopped stays so. */
  async start(): Promise<void> {
    for (const { id, cluster } of await this.#parts.journal.allOpen()) {
      await this.#goOn(id).catch((error: unknown) => {
        const { code, detail } = toProblem(error)
        this.#parts.onEvent({ type: 'migration.broken', data: { migration: id, cluster, code, detail } })
      })
    }
  }

  /** Ends every run before its next action. */
  async close(): Promise<void> {
    const runs = [...this.#runs.values()]
    for (const run of runs) run.halt()
    await Promise.all(runs.map(({ ended }) => ended))
  }

  /** Rejects with MIGRATION_PLAN_UNSAFE, MIGRATION_OPEN, or MIGRATION_RUNS where a way back is asked of a run. */
  async begin(caller: Caller, { plan, situation, rollbackOf }: NewRun): Promise<KeptMigration> {
    checkPlan(plan)
    if (rollbackOf !== undefined) this.#refuseRunning(rollbackOf)
    const { keyId, name } = caller.principal
    const kept = await this.#parts.journal.begin({
      id: this.#parts.newId(),
      cluster: plan.cluster,
      planId: plan.id,
      plan: encodeRecord(plan),
      situation: encodeRecord(situation),
      startedBy: { keyId, name },
      ...(rollbackOf !== undefined && { rollbackOf }),
    })
    this.#run(kept.id)
    return kept
  }

  /** Something happened that one may wait for: a token was plugged in or unlocked, a file was published. */
  lookAgain(): void {
    for (const run of this.#runs.values()) run.wake()
  }

  async view(id: string): Promise<MigrationView> {
    const kept = await this.#kept(id)
    const run = this.#runs.get(id)
    const broken = this.#broken.get(id)
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
    this.#refuseRunning(id)
    await this.#append(
      id,
      { kind: 'resumed', principal: who(caller), facts: { by: 'person' } },
      { state: 'running' },
    )
    this.#run(id)
  }

  /** Ends it where it stands. What was done stays done. */
  async abandon(caller: Caller, id: string, note: string): Promise<void> {
    await this.#settle(id)
    this.#refuseRunning(id)
    const { remedy } = problems.MIGRATION_ENDED
    const detail = `${caller.principal.name} ended it${note === '' ? '.' : `: ${note}`}`
    const facts: FactsOf<'stopped'> = { by: 'person', code: 'MIGRATION_ENDED', detail, remedy, at: {} }
    await this.#append(id, { kind: 'stopped', principal: who(caller), facts }, { state: 'abandoned' })
  }

  /** What the daemon cannot see; recorded as said. */
  async say(caller: Caller, id: string, step: string, statement: StatementCode, note: string): Promise<void> {
    await this.#answer(caller, id, step, 'said', { statement, note }, (stand, at) => {
      if (statement !== 'GO') return undefined
      if (at.does.do !== 'hard-stop') return 'GO is said at the hard stop.'
      return stand.findings === undefined
        ? 'Preflight has not been made yet; GO is said on its findings.'
        : undefined
    })
  }

  async enterReadings(
    caller: Caller,
    id: string,
    step: string,
    readings: readonly PhoneReading[],
  ): Promise<void> {
    const facts = readings.map((reading) => ({ reading }))
    await this.#answerAll(caller, id, step, 'said', facts, () => undefined)
  }

  /** A warning, by the code that it was told with. */
  async acknowledge(caller: Caller, id: string, step: string, code: string, note: string): Promise<void> {
    await this.#answer(caller, id, step, 'acknowledged', { code, note }, ({ findings = [] }) => {
      const told = findings.filter((finding) => finding.code === code)
      if (told.some(({ severity }) => severity === 'error'))
        return `${code} is an error; it is mended, not acknowledged.`
      return told.some(({ severity }) => severity === 'warning') ? undefined : `${code} was not found here.`
    })
  }

  /** Takes it on the caller that an action is done once more of which nobody knows whether it was done. */
  async again(caller: Caller, id: string, step: string, note: string): Promise<void> {
    await this.#answer(caller, id, step, 'said', { again: true, note }, ({ phase, isActing }, { actor }) => {
      if (actor === 'person') return 'The step is a person’s; the daemon never does it.'
      if (isActing) return 'It is being done now; wait until it is known what came of it.'
      return phase === 'in-doubt' || phase === 'acted'
        ? undefined
        : 'Nothing was begun that could be done again.'
    })
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
    if (at.does.do !== 'sign') throw notAsked(id, 'The step uses no token.', step)
    if (at.does.token !== serial) throw notPlanned(serial, at.does.token, step)
    const unlocked = await unlock({ ...caller, principal: stepPrincipal(id, step, caller.principal) })
    this.#wake(id)
    return unlocked
  }

  async #goOn(id: string): Promise<void> {
    const { stand } = await this.#read(id)
    if (stand.stopped !== undefined) return
    await this.#append(id, { kind: 'resumed', principal: theDaemon, facts: { by: 'start' } })
    this.#run(id)
  }

  #answer<K extends 'said' | 'acknowledged'>(
    caller: Caller,
    id: string,
    step: string,
    kind: K,
    facts: FactsOf<K>,
    refuse: (stand: Stand, step: Step) => string | undefined,
  ): Promise<void> {
    return this.#answerAll(caller, id, step, kind, [facts], refuse)
  }

  /** All or none: with half of them the step might be done, and would take no more. */
  async #answerAll<K extends 'said' | 'acknowledged'>(
    caller: Caller,
    id: string,
    step: string,
    kind: K,
    all: readonly FactsOf<K>[],
    refuse: (stand: Stand, step: Step) => string | undefined,
  ): Promise<void> {
    for (;;) {
      const { stand } = await this.#read(id)
      const why = refuse(stand, currentStep(stand, id, step))
      if (why !== undefined) throw notAsked(id, why, step)
      const entries = all.map((facts) => ({ step, kind, principal: who(caller), facts }))
      // What was checked must still be so when it is written.
      if (await this.#appendAll(id, entries, { after: stand.last })) break
    }
    this.#wake(id)
  }

  #append(
    id: string,
    entry: NewEntry,
    options: Parameters<RunParts['journal']['append']>[2] = {},
  ): Promise<boolean> {
    return this.#appendAll(id, [entry], options)
  }

  async #appendAll(
    id: string,
    entries: readonly NewEntry[],
    options: Parameters<RunParts['journal']['append']>[2] = {},
  ): Promise<boolean> {
    const { journal, onEvent } = this.#parts
    const written = await journal.appendAll(id, entries, options)
    if (written === undefined) return false
    const { cluster } = await this.#kept(id)
    for (const entry of written) {
      onEvent({ type: 'migration.entry', data: { migration: id, cluster, ...entry } })
    }
    if (options.state !== undefined) {
      onEvent({ type: 'migration.state', data: { migration: id, cluster, state: options.state } })
    }
    return true
  }

  #run(id: string): void {
    const run = runMigration(id, this.#parts)
    this.#runs.set(id, run)
    this.#broken.delete(id)
    void run.ended.then((end) => {
      if (end.as === 'broken') {
        const { code, detail, at } = end.problem
        this.#broken.set(id, { by: 'daemon', code, detail, remedy: problems[code].remedy, at })
      }
      if (this.#runs.get(id) === run) this.#runs.delete(id)
    })
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

  #refuseRunning(id: string): void {
    if (!this.#runs.has(id)) return
    throw new BridgeError('MIGRATION_RUNS', `The migration ${id} is under way.`, { migration: id })
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

const notAsked = (id: string, why: string, step?: string): BridgeError =>
  new BridgeError('MIGRATION_NOTHING_TO_ANSWER', why, {
    migration: id,
    ...(step !== undefined && { step }),
  })

function currentStep({ step }: Stand, migration: string, asked: string): Step {
  if (step?.id === asked) return step
  const detail =
    step === undefined
      ? 'All steps of the migration are done.'
      : `The migration stands at step ${step.id}, not at ${asked}.`
  throw new BridgeError('MIGRATION_STEP_NOT_CURRENT', detail, { migration, step: asked })
}
