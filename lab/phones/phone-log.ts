/**
 * Lines in the shape of a phone's console log: number, level, time with microseconds, process. The sentences are the
 * lab's own.
 */
export type LogLevel = 'NOT' | 'ERR'

/** Enough for a few resets; a phone's own memory is short as well. */
const LINES_KEPT = 200

export class PhoneLog {
  readonly #now: () => number
  readonly #lines: string[] = []
  #count = 0

  /** Milliseconds since 1970, the phone's clock. */
  constructor(now: () => number) {
    this.#now = now
  }

  write(level: LogLevel, text: string): void {
    this.#count += 1
    const time = new Date(this.#now()).toISOString().slice(11, 23)
    this.#lines.push(`${String(this.#count).padStart(4, '0')}: ${level} ${time}000 SECD: ${text}`)
    if (this.#lines.length > LINES_KEPT) this.#lines.shift()
  }

  lines(): readonly string[] {
    return [...this.#lines]
  }
}
