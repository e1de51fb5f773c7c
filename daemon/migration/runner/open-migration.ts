/** A migration as a run sees it: read from the journal, and written to with the number of what was read. */
import { BridgeError } from '../../bridge-error.js'
import type { KeptMigration, MigrationPrincipal, MigrationState } from '../../store/migration-journal.js'
import type { Plan, Step } from '../plan/plan.js'
import type { Situation } from '../situation/situation.js'
import { decodePlan, decodeSituation } from './record-text.js'
import { type RunEntry, readEntry } from './run-entry.js'
import type { RunParts, TurnAt, Write } from './run-parts.js'
import { type Stand, standOf } from './stand-of.js'

/** Who stands in the journal for what the daemon does and sees. */
export const theDaemon: MigrationPrincipal = { keyId: 'ctl-bridge', name: 'ctl-bridge' }

interface Loaded {
  readonly kept: KeptMigration
  readonly plan: Plan
  readonly situation: Situation
}

export class OpenMigration {
  readonly id: string
  readonly #parts: RunParts
  #loaded: Loaded | undefined
  #entries: readonly RunEntry[] = []
  #stand: Stand | undefined
  #state: MigrationState | undefined

  constructor(id: string, parts: RunParts) {
    this.id = id
    this.#parts = parts
  }

  /** Empty before the first read. */
  get cluster(): string {
    return this.#loaded?.kept.cluster ?? ''
  }

  async read(): Promise<{
    readonly stand: Stand
    readonly plan: Plan
    readonly entries: readonly RunEntry[]
  }> {
    this.#loaded ??= await this.#load()
    const { plan } = this.#loaded
    const last = this.#entries.at(-1)?.sequence ?? 0
    const news = await this.#parts.journal.entries(this.id, last)
    this.#entries = [...this.#entries, ...news.map(readEntry)]
    this.#stand = standOf(plan, this.#entries)
    return { stand: this.#stand, plan, entries: this.#entries }
  }

  turnAt(step: Step, signal: AbortSignal, unmetLooks: number): TurnAt {
    if (this.#loaded === undefined || this.#stand === undefined) throw new Error('nothing was read yet')
    const { kept, plan, situation } = this.#loaded
    const stand = this.#stand
    return {
      parts: this.#parts,
      migration: this.id,
      startedBy: kept.startedBy,
      rollbackOf: kept.rollbackOf,
      plan,
      situation,
      entries: this.#entries,
      stand,
      step,
      signal,
      unmetLooks,
      write: this.#writerAt(step, stand),
    }
  }

  async moveTo(state: MigrationState): Promise<void> {
    if (this.#state === state) return
    await this.#parts.journal.setState(this.id, state)
    this.#tell(state)
  }

  async #load(): Promise<Loaded> {
    const kept = await this.#parts.journal.get(this.id)
    if (kept === undefined) {
      throw new BridgeError('MIGRATION_UNKNOWN', `There is no migration ${this.id}.`, { migration: this.id })
    }
    this.#state = kept.state
    return { kept, plan: decodePlan(kept.plan), situation: decodeSituation(kept.situation) }
  }

  #writerAt(step: Step, stand: Stand): Write {
    return async ({ kind, facts }, { state, guarded }) => {
      const entry = { step: step.id, kind, principal: theDaemon, facts }
      const options = { ...(guarded && { after: stand.last }), ...(state !== undefined && { state }) }
      const written = await this.#parts.journal.append(this.id, entry, options)
      if (written === undefined) return false
      const data = { migration: this.id, cluster: this.cluster, ...written }
      this.#parts.onEvent({ type: 'migration.entry', data })
      if (state !== undefined && state !== this.#state) this.#tell(state)
      return true
    }
  }

  #tell(state: MigrationState): void {
    this.#state = state
    const step = this.#stand?.step?.id
    const data = { migration: this.id, cluster: this.cluster, state, ...(step !== undefined && { step }) }
    this.#parts.onEvent({ type: 'migration.state', data })
  }
}
