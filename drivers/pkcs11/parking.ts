/** So many deaths within WINDOW milliseconds, and a module is left alone for REST milliseconds. */
const DEATHS = 5
const WINDOW = 120_000
const REST = 600_000

/**
 * When a module's hosts keep dying, starting more of them helps nobody: it is parked, and one look
 * every ten minutes, or when a person asks, tells whether it recovered.
 */
export class Parking {
  readonly #now: () => number
  #deaths: number[] = []
  #parkedAt: number | undefined

  /** `now` gives milliseconds that never go back. */
  constructor(now: () => number) {
    this.#now = now
  }

  get isParked(): boolean {
    return this.#parkedAt !== undefined
  }

  /** A host ended although nobody wanted it to. */
  died(): void {
    const now = this.#now()
    this.#deaths = [...this.#deaths.filter((time) => now - time < WINDOW), now]
    if (this.#deaths.length >= DEATHS) this.#parkedAt ??= now
  }

  /** Whether a host may be started. A parked module's next chance is ten minutes after this one. */
  mayTry(evenParked: boolean): boolean {
    const now = this.#now()
    if (this.#parkedAt === undefined) return true
    if (!evenParked && now - this.#parkedAt < REST) return false
    this.#parkedAt = now
    return true
  }

  /** A look at the module went well: a parked one starts with a clean slate. */
  worked(): void {
    if (this.#parkedAt !== undefined) this.#deaths = []
    this.#parkedAt = undefined
  }
}
