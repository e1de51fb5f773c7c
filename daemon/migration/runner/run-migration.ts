/**
 * Carries a migration out: reads where it stands, does one thing, and reads again, so that a run that is killed at any
 * point is the same as one that is begun anew. Nothing is remembered here that decides anything.
 */
import { BridgeError } from '../../bridge-error.js'
import { type Problem, problems, toProblem } from '../../problems.js'
import type { MigrationState } from '../../store/migration-journal.js'
import { clockBehind } from './clock-behind.js'
import { expectedCluster, strangeIn } from './expected-cluster.js'
import { hashesOf } from './hashes-of.js'
import { notSeen } from './look.js'
import { OpenMigration } from './open-migration.js'
import type { SeenRow, StopFacts } from './run-entry.js'
import { contextOf, type RunParts, type Turn, type TurnAt } from './run-parts.js'
import { takeTurn } from './take-turn.js'
import { Waker } from './waker.js'

export type RunEnd =
  | { readonly as: 'done' }
  | { readonly as: 'stopped'; readonly why: StopFacts }
  /** The daemon stops; the migration is resumed with it. */
  | { readonly as: 'halted' }
  /** The journal takes no word, or contradicts itself. Nothing is done without it. */
  | { readonly as: 'broken'; readonly problem: Problem }

export interface Run {
  /** Never rejects. */
  readonly ended: Promise<RunEnd>
  /** What it waits for now. */
  readonly waits: () => readonly SeenRow[]
  /** Looks again at once. */
  readonly wake: () => void
  /** Ends before the next thing is done; nothing is written. */
  readonly halt: () => void
}

export function runMigration(id: string, parts: RunParts): Run {
  const waker = new Waker(parts.clock)
  const controller = new AbortController()
  const run = new Runner(id, parts, waker, controller.signal)
  return {
    ended: run.run(),
    waits: () => run.waits,
    wake: () => waker.wake(),
    halt: () => {
      controller.abort()
      waker.wake()
    },
  }
}

class Runner {
  waits: readonly SeenRow[] = []
  readonly #parts: RunParts
  readonly #waker: Waker
  readonly #signal: AbortSignal
  readonly #migration: OpenMigration
  #told = ''
  #unmetLooks = 0
  #delay: number

  constructor(id: string, parts: RunParts, waker: Waker, signal: AbortSignal) {
    this.#parts = parts
    this.#waker = waker
    this.#signal = signal
    this.#migration = new OpenMigration(id, parts)
    this.#delay = parts.pace.first
  }

  async run(): Promise<RunEnd> {
    try {
      return await this.#carryOut()
    } catch (error) {
      const problem = toProblem(error)
      const { id: migration, cluster } = this.#migration
      const data = { migration, cluster, code: problem.code, detail: problem.detail }
      this.#parts.onEvent({ type: 'migration.broken', data })
      return { as: 'broken', problem }
    } finally {
      this.waits = []
    }
  }

  async #carryOut(): Promise<RunEnd> {
    for (;;) {
      if (this.#signal.aborted) return { as: 'halted' }
      const { stand } = await this.#migration.read()
      if (stand.stopped !== undefined) {
        await this.#state('stopped')
        return { as: 'stopped', why: stand.stopped }
      }
      if (stand.step === undefined) {
        await this.#state('done')
        return { as: 'done' }
      }
      const turn = this.#migration.turnAt(stand.step, this.#signal, this.#unmetLooks)
      await this.#heed(turn, (await this.#lookAround(turn)) ?? (await takeTurn(turn)))
    }
  }

  /** What stops a migration whatever its step is. */
  async #lookAround(turn: TurnAt): Promise<Turn | undefined> {
    const behind = clockBehind(turn.entries, this.#parts.clock.now())
    if (behind !== undefined) return { is: 'stop', error: behind }
    if (turn.stand.phase === 'acted' && turn.step.until.length === 0) return undefined
    const glance = await this.#parts.eyes.glance(contextOf(turn)).catch(notSeen)
    if ('holds' in glance) return undefined
    const hashes = await hashesOf(turn)
    const strange = strangeIn(expectedCluster(turn.plan, turn.situation, turn.entries, hashes), glance)
    const first = strange[0]
    if (first === undefined) return undefined
    const told = strange.map(({ node, text }) => (node === undefined ? text : `${node} ${text}`))
    const detail = `Not by this migration: ${told.join('; ')}.`
    const place = { step: turn.step.id, ...(first.node !== undefined && { node: first.node }) }
    return { is: 'stop', error: new BridgeError('MIGRATION_CLUSTER_CHANGED', detail, place) }
  }

  async #heed(turn: TurnAt, result: Turn): Promise<void> {
    this.#unmetLooks = result.is === 'wait' && result.isUnmet === true ? this.#unmetLooks + 1 : 0
    if (result.is === 'wait') return this.#wait(turn, result.for)
    this.#delay = this.#parts.pace.first
    this.waits = []
    this.#told = ''
    if (result.is === 'on') return
    const { code, detail, at } = toProblem(result.error)
    const facts: StopFacts = { by: 'daemon', code, detail, remedy: problems[code].remedy, at }
    await turn.write({ kind: 'stopped', facts }, { state: 'stopped', guarded: true })
  }

  async #wait(turn: TurnAt, rows: readonly SeenRow[]): Promise<void> {
    this.waits = rows
    await this.#state('waiting')
    const { id, title, instructions } = turn.step
    const { id: migration, cluster } = this.#migration
    const data = { migration, cluster, step: id, title, instructions, for: rows }
    const text = JSON.stringify(data)
    if (text !== this.#told) this.#parts.onEvent({ type: 'migration.waits', data })
    this.#told = text
    await this.#waker.sleep(this.#delay)
    this.#delay = Math.min(this.#delay * 1.6, this.#parts.pace.most)
  }

  #state(state: MigrationState): Promise<void> {
    return this.#migration.moveTo(state)
  }
}
