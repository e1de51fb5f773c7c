/** The migrations of this daemon on the clusters of its settings: behind `migrations.ts`. */
import { randomBytes } from 'node:crypto'
import { BridgeError } from '../../bridge-error.js'
import type { ClusterDesk } from '../../cluster/cluster-desk.js'
import type { OnUnexpected } from '../../cluster/observe/ask.js'
import type { PublishingStore } from '../../cluster/publishing-parts.js'
import type { Caller } from '../../principal.js'
import type { MigrationJournal } from '../../store/migration-journal.js'
import { type Clock, systemClock } from '../../tokens/clock.js'
import type { Tokens } from '../../tokens/tokens.js'
import { type MigrationView as RunnerView, Migrations as Runs } from '../migrations.js'
import { makePlan } from '../plan/make-plan.js'
import type { Step } from '../plan/plan.js'
import { isNoPlan } from '../plan/usual.js'
import { refusalFindings } from '../preflight/preflight.js'
import { makeReport } from '../report/make-report.js'
import type { MigrationReport } from '../report/report.js'
import { planWayBack } from '../rollback/plan-way-back.js'
import { clusterEyes } from '../runner/cluster-eyes.js'
import { clusterHands } from '../runner/cluster-hands.js'
import { deskOfTokens } from '../runner/desk-of-tokens.js'
import type { PhoneReading } from '../runner/eyes.js'
import { filesToAsk, judgeSituation } from '../runner/judge-situation.js'
import type { OnMigrationEvent } from '../runner/migration-event.js'
import { readRecord } from '../runner/read-record.js'
import { notAsked } from '../runner/refuse-answer.js'
import { type Pace, usualPace } from '../runner/run-parts.js'
import { withModels } from '../runner/seeing/with-models.js'
import { HeldClusters } from '../situation/held-clusters.js'
import type { Situation } from '../situation/situation.js'
import { type SituationWish, takeSituation } from '../situation/take-situation.js'
import { brokenOff, migrationView } from './migration-view.js'
import type { Migrations, MigrationView, PlanAnswer, StartRequest } from './migrations.js'
import { predictPlan } from './predict-plan.js'
import {
  isOpenError,
  refuseEarly,
  refuseOther,
  required,
  requireReadings,
  unknownMigration,
} from './refusals.js'
import { unreadableView } from './unreadable-view.js'

export interface MigrationDeskParts extends PublishingStore {
  readonly clusters: ClusterDesk
  readonly tokens: Pick<Tokens, 'list' | 'get' | 'sign' | 'unlock'>
  readonly journal: MigrationJournal
  readonly now: () => Date
  readonly onEvent: OnMigrationEvent
  /** Told of errors that are none of ours. */
  readonly onUnexpected: OnUnexpected
  readonly clock?: Clock
  readonly pace?: Pace
}

export interface MigrationDesk extends Migrations {
  /** Something happened that a migration may wait for: a token came, was unlocked, or a probe was made. */
  readonly lookAgain: () => void
}

/** How many migrations a list has. */
const LATEST = 100

/** Nothing runs before `begin`. */
export function makeMigrations(parts: MigrationDeskParts): MigrationDesk {
  const desk = new Desk(parts)
  return {
    plan: (request) => desk.plan(request),
    start: (caller, request) => desk.start(caller, request),
    list: () => desk.list(),
    get: (id) => desk.get(id),
    resume: (caller, id) => desk.resume(caller, id),
    stop: (caller, id) => desk.stop(caller, id),
    abandon: (caller, id, note) => desk.afterwards(id, (runs) => runs.abandon(caller, id, note)),
    acknowledge: (caller, id, code, note) =>
      desk.atStep(id, (runs, { id: step }) =>
        code === 'GO'
          ? runs.say(caller, id, step, code, note)
          : runs.acknowledge(caller, id, step, code, note),
      ),
    say: (caller, id, statement, note) =>
      desk.atStep(id, (runs, { id: step }) => runs.say(caller, id, step, statement, note)),
    again: (caller, id, note) => desk.atStep(id, (runs, { id: step }) => runs.again(caller, id, step, note)),
    enter: (caller, id, readings) =>
      desk.atStep(id, async (runs, step) => {
        requireReadings(id, step, readings)
        await runs.enterReadings(caller, id, step.id, await desk.withModels(id, readings))
      }),
    unlock: (caller, id, pin, options) => desk.unlock(caller, id, pin, options),
    file: (id, name) => desk.file(id, name),
    report: (id) => desk.report(id),
    planRollback: async (id) => (await desk.wayBackOf(id)).answer,
    rollback: (caller, id) => desk.rollback(caller, id),
    begin: () => desk.runs.start(),
    halt: () => desk.halt(),
    lookAgain: () => desk.runs.lookAgain(),
  }
}

class Desk {
  readonly runs: Runs
  readonly #parts: MigrationDeskParts
  readonly #held: HeldClusters

  constructor(parts: MigrationDeskParts) {
    const { clusters, tokens, journal, now, onEvent, clock = systemClock, pace = usualPace } = parts
    this.#parts = parts
    this.#held = new HeldClusters(clusters)
    this.runs = new Runs({
      journal,
      eyes: clusterEyes({ ...parts, clusters: this.#held }),
      hands: clusterHands({ desk: clusters, clusters: this.#held, tokens, store: parts, now }),
      desk: deskOfTokens(tokens),
      onEvent,
      clock,
      pace,
      newId: () => randomBytes(6).toString('hex'),
    })
    clusters.objectTo((cluster, doing) => this.#objection(cluster, doing))
  }

  async plan(request: Omit<StartRequest, 'said'>): Promise<PlanAnswer> {
    const situation = await this.#look(request.cluster, { said: [] })
    const plan = makePlan(request.plan, situation, request.wishes)
    if (isNoPlan(plan)) return { plan, findings: refusalFindings(plan), prediction: [] }
    const findings = judgeSituation(plan, situation, undefined)
    return { plan, findings, prediction: predictPlan(plan, situation) }
  }

  async start(caller: Caller, { cluster, plan: id, wishes, said }: StartRequest): Promise<MigrationView> {
    refuseEarly(said)
    await this.#refuseOpen(cluster)
    const at = this.#parts.now().toISOString()
    const by = caller.principal.name
    const situation = await this.#look(cluster, { said: said.map((code) => ({ code, by, at, note: '' })) })
    const plan = required(makePlan(id, situation, wishes), cluster)
    const kept = await this.runs.begin(caller, { plan, situation })
    return this.get(kept.id)
  }

  async list(): Promise<MigrationView[]> {
    const views: MigrationView[] = []
    for (const { id } of await this.runs.list(LATEST)) views.push(await this.get(id))
    return views
  }

  /** One that cannot be read is shown as far as its row tells: it must not shut out the others, nor itself from its end. */
  async get(id: string): Promise<MigrationView> {
    try {
      return await this.#shown(await this.runs.view(id))
    } catch (error) {
      const kept = await this.#parts.journal.get(id)
      if (kept === undefined) throw error
      if (!(error instanceof BridgeError)) this.#parts.onUnexpected(error)
      return unreadableView(kept, error)
    }
  }

  async afterwards(id: string, work: (runs: Runs) => Promise<void>): Promise<MigrationView> {
    await work(this.runs)
    return this.get(id)
  }

  /** At the step at which the migration stands. */
  async atStep(id: string, work: (runs: Runs, step: Step) => Promise<void>): Promise<MigrationView> {
    const { stand } = await this.runs.view(id)
    if (stand.step === undefined) throw notAsked(id, 'All steps of the migration are done.')
    await work(this.runs, stand.step)
    return this.get(id)
  }

  async resume(caller: Caller, id: string): Promise<MigrationView> {
    const { kept } = await this.runs.view(id)
    // Passwords may have been mended since.
    await this.#held.forget(kept.cluster)
    return this.afterwards(id, (runs) => runs.resume(caller, id))
  }

  stop(caller: Caller, id: string): Promise<MigrationView> {
    return this.afterwards(id, (runs) => runs.stop(caller, id, ''))
  }

  async unlock(
    caller: Caller,
    id: string,
    pin: string,
    options: Parameters<Migrations['unlock']>[3],
  ): Promise<MigrationView> {
    const { tokens } = this.#parts
    return this.atStep(id, async (runs, { id: step, does }) => {
      if (does.do !== 'sign') throw notAsked(id, 'The step uses no token.', step)
      const serial = does.token
      refuseOther(tokens, serial, step)
      await runs.unlock(caller, id, { step, serial }, (onBehalf) =>
        tokens.unlock(onBehalf, serial, { pin, uses: 1, ...options }),
      )
    })
  }

  /** For the journal, so that every later report can count by model. */
  async withModels(id: string, readings: readonly PhoneReading[]): Promise<readonly PhoneReading[]> {
    const { kept } = await this.runs.view(id)
    return this.#held.use(kept.cluster, (held) => withModels(held, readings))
  }

  async report(id: string): Promise<MigrationReport> {
    const { journal, now } = this.#parts
    const view = await this.runs.view(id)
    const record = await readRecord(journal, id)
    const broken = brokenOff(view)
    return makeReport({
      kept: view.kept,
      record,
      madeAt: now().toISOString(),
      ...(broken !== undefined && { broken }),
    })
  }

  /**
   * Of a way back also what the migration kept that it takes back; and from before is what stood before that one, which
   * is what goes onto the nodes, not what the way back itself found there.
   */
  async file(id: string, name: string): Promise<Uint8Array | 'none'> {
    const { journal } = this.#parts
    const kept = await journal.get(id)
    if (kept === undefined) throw unknownMigration(id)
    const former = kept.rollbackOf
    const found = await firstKept(
      journal,
      former === undefined ? [id] : name.startsWith('before/') ? [former, id] : [id, former],
      name,
    )
    if (found !== undefined) return found
    const detail = `The migration ${id} keeps no file ${JSON.stringify(name.slice(0, 100))}.`
    throw new BridgeError('MIGRATION_FILE_UNKNOWN', detail, { migration: id })
  }

  async wayBackOf(id: string): Promise<{ readonly answer: PlanAnswer; readonly situation: Situation }> {
    const view = await this.runs.view(id)
    if (view.kept.state === 'rolled-back') {
      const detail = `The migration ${id} was taken back already.`
      throw new BridgeError('MIGRATION_ENDED', detail, { migration: id })
    }
    const record = await readRecord(this.#parts.journal, id)
    const situation = await this.#look(view.kept.cluster, { said: [], files: filesToAsk(record) })
    const answer = planWayBack(record, situation)
    return { answer, situation }
  }

  /** Stops the migration first, where it still runs. */
  async rollback(caller: Caller, id: string): Promise<MigrationView> {
    const { kept, stand, isRunning } = await this.runs.view(id)
    required((await this.wayBackOf(id)).answer.plan, kept.cluster)
    if (isRunning) {
      if (stand.stopped === undefined) await this.runs.stop(caller, id, 'It is taken back.')
      await this.runs.ended(id)
    }
    // What ended meanwhile is taken back as well.
    const { answer, situation } = await this.wayBackOf(id)
    const plan = required(answer.plan, kept.cluster)
    const begun = await this.runs.begin(caller, { plan, situation, rollbackOf: id })
    return this.get(begun.id)
  }

  async halt(): Promise<void> {
    await this.runs.close()
    await this.#held.close()
  }

  #look(cluster: string, wish: SituationWish): Promise<Situation> {
    return this.#held.use(cluster, (held) => takeSituation(held, this.#parts, wish))
  }

  async #shown(view: RunnerView): Promise<MigrationView> {
    return migrationView(view, await this.#parts.journal.artifacts(view.kept.id))
  }

  async #refuseOpen(cluster: string): Promise<void> {
    const open = await this.#parts.journal.openOf(cluster)
    if (open !== undefined) throw isOpenError(cluster, open.id)
  }

  /** A probe writes what is there already; a plan asks for it before its hard stop. */
  async #objection(cluster: string, doing: string): Promise<BridgeError | undefined> {
    if (doing === 'probe') return undefined
    const open = await this.#parts.journal.openOf(cluster)
    return open && isOpenError(cluster, open.id)
  }
}

async function firstKept(
  journal: MigrationJournal,
  migrations: readonly string[],
  name: string,
): Promise<Uint8Array | 'none' | undefined> {
  for (const migration of migrations) {
    const found = await journal.artifact(migration, name)
    if (found !== undefined) return found
  }
  return undefined
}
