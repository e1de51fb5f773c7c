/**
 * Everything that changes, as numbered events: the last ones are kept for clients that come back.
 * Ids are `<boot>-<n>`; a client that names an event of another start, or one too old, gets `resync`
 * and reads the resources anew.
 */
export interface ApiEvent {
  readonly id: string
  readonly type: string
  readonly at: string
  readonly data: Readonly<Record<string, unknown>>
}

const KEPT = 1000

export class EventLog {
  readonly #boot: string
  readonly #now: () => Date
  readonly #listeners = new Map<(event: ApiEvent) => void, () => void>()
  #events: ApiEvent[] = []
  #last = 0
  #ended = false

  constructor(boot: string, now: () => Date) {
    this.#boot = boot
    this.#now = now
  }

  publish(type: string, data: Readonly<Record<string, unknown>>): void {
    this.#last += 1
    const event = this.#event(this.#last, type, data)
    this.#events.push(event)
    if (this.#events.length > KEPT) this.#events = this.#events.slice(-KEPT / 2)
    for (const listener of this.#listeners.keys()) listener(event)
  }

  /**
   * Calls `listener` with what came after `lastId`, then with everything new; `onEnd` when there will be
   * no more. Returns the way out.
   */
  subscribe(lastId: string | undefined, listener: (event: ApiEvent) => void, onEnd: () => void): () => void {
    if (this.#ended) {
      onEnd()
      return () => undefined
    }
    for (const event of this.#after(lastId)) listener(event)
    this.#listeners.set(listener, onEnd)
    return () => this.#listeners.delete(listener)
  }

  /** The daemon stops: streams end, and their clients come back to the next one. */
  end(): void {
    this.#ended = true
    const ends = [...this.#listeners.values()]
    // What happens from now on must not be written to a stream that has ended.
    this.#listeners.clear()
    for (const onEnd of ends) onEnd()
  }

  #after(lastId: string | undefined): readonly ApiEvent[] {
    if (lastId === undefined) return []
    const [, boot, number] = /^([0-9a-f]+)-(\d{1,15})$/.exec(lastId) ?? []
    const seen = Number(number)
    const oldest = this.#last - this.#events.length
    if (boot === this.#boot && seen >= oldest && seen <= this.#last) {
      return this.#events.slice(seen - oldest)
    }
    return [this.#event(this.#last, 'resync', {})]
  }

  #event(number: number, type: string, data: Readonly<Record<string, unknown>>): ApiEvent {
    return { id: `${this.#boot}-${number}`, type, at: this.#now().toISOString(), data }
  }
}
