/** Which migrations this daemon carries out now: never the same one twice. */
import { BridgeError } from '../../bridge-error.js'
import { type Problem, problems } from '../../problems.js'
import type { StopFacts } from './run-entry.js'
import { type Run, runMigration } from './run-migration.js'
import type { RunParts } from './run-parts.js'

export class RunTable {
  readonly #parts: RunParts
  readonly #runs = new Map<string, Run>()
  readonly #claimed = new Set<string>()
  readonly #broken = new Map<string, StopFacts>()

  constructor(parts: RunParts) {
    this.#parts = parts
  }

  get(id: string): Run | undefined {
    return this.#runs.get(id)
  }

  /** Why its last run ended, or none was begun, without a word in the journal. */
  brokenOf(id: string): StopFacts | undefined {
    return this.#broken.get(id)
  }

  all(): readonly Run[] {
    return [...this.#runs.values()]
  }

  /** It runs, or somebody is about to run or end it. */
  has(id: string): boolean {
    return this.#runs.has(id) || this.#claimed.has(id)
  }

  /**
   * Nobody else runs or ends the migration while `work` does. Throws MIGRATION_RUNS before anything is awaited, so
   * that of two who ask at once one is refused.
   */
  async claim<T>(id: string, work: () => Promise<T>): Promise<T> {
    if (this.has(id)) {
      throw new BridgeError('MIGRATION_RUNS', `The migration ${id} is under way.`, { migration: id })
    }
    this.#claimed.add(id)
    try {
      return await work()
    } finally {
      this.#claimed.delete(id)
    }
  }

  /** By who holds the claim. */
  run(id: string): void {
    const run = runMigration(id, this.#parts)
    this.#runs.set(id, run)
    this.#broken.delete(id)
    void run.ended.then((end) => {
      if (end.as === 'broken') this.setBroken(id, end.problem)
      if (this.#runs.get(id) === run) this.#runs.delete(id)
    })
  }

  setBroken(id: string, { code, detail, at }: Problem): void {
    this.#broken.set(id, { by: 'daemon', code, detail, remedy: problems[code].remedy, at })
  }
}
