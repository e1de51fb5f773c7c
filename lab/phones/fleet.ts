/** Many phones in one process: real sockets each, a bounded number of them at a time. */
import type { TftpNode } from './fetch-file.js'
import { type FleetReport, figuresOf, type ResetFigures, type ResetProgress } from './fleet-report.js'
import { type InstalledFiles, Phone, type PhoneDeadlines, type PhoneIdentity } from './phone.js'
import type { PhoneRecord } from './phone-record.js'
import { defaultRules, type PhoneRules } from './phone-rules.js'

/** Phones that hold the same files. */
export interface PhoneBatch {
  readonly phones: readonly PhoneIdentity[]
  readonly installed: InstalledFiles
}

/** `pilots`: one of each model, the first by its place in the fleet. */
export type WhichPhones = 'all' | 'pilots' | { readonly devices: readonly string[] }

/** Enough to keep two processors busy; more only wait for each other. */
export const USUAL_CONCURRENCY = 100

export class Fleet {
  readonly #phones = new Map<string, Phone>()
  readonly #deadlines: PhoneDeadlines
  #nodes: readonly TftpNode[] = []
  #rules: PhoneRules = defaultRules
  /** Milliseconds that the phones' clock is ahead of the machine's. */
  #ahead = 0
  #progress: ResetProgress | undefined
  #figures: ResetFigures | undefined
  #lastReset: Promise<unknown> = Promise.resolve()

  constructor(deadlines: PhoneDeadlines) {
    this.#deadlines = deadlines
  }

  /** Where the phones fetch from. They spread over the nodes: each begins at another one and goes round. */
  connect(nodes: readonly TftpNode[]): void {
    this.#nodes = nodes
  }

  setRules(rules: Partial<PhoneRules>): void {
    this.#rules = { ...this.#rules, ...rules }
  }

  /** Lets the phones' clock run ahead, so that what they remember of TVS grows old. */
  advanceClock(seconds: number): void {
    this.#ahead += seconds * 1000
  }

  /** A phone made anew under the name of another takes its place. */
  make(batch: PhoneBatch): void {
    for (const identity of batch.phones) {
      const place = this.#phones.size
      this.#phones.set(
        identity.device,
        new Phone(
          identity,
          {
            nodes: () => rotated(this.#nodes, place),
            rules: () => this.#rules,
            now: () => Date.now() + this.#ahead,
            deadlines: this.#deadlines,
          },
          batch.installed,
        ),
      )
    }
  }

  /** One reset after the other; resolves when the last phone of this one is ready. */
  reset(
    which: WhichPhones,
    concurrency = USUAL_CONCURRENCY,
    changed: (record: PhoneRecord) => void = () => undefined,
  ): Promise<ResetFigures> {
    const phones = this.#chosen(which)
    const figures = this.#lastReset.then(() => this.#resetPhones(phones, concurrency, changed))
    this.#lastReset = figures.catch(() => undefined)
    return figures
  }

  erase(which: WhichPhones): void {
    for (const phone of this.#chosen(which)) phone.eraseTrustLists()
  }

  report(): FleetReport {
    return {
      phones: [...this.#phones.values()].map((phone) => phone.record()),
      progress: this.#progress,
      figures: this.#figures,
    }
  }

  log(device: string): readonly string[] {
    return this.#phone(device).logLines()
  }

  #phone(device: string): Phone {
    const phone = this.#phones.get(device)
    if (!phone) throw new Error(`No phone of the lab is called ${device}.`)
    return phone
  }

  #chosen(which: WhichPhones): Phone[] {
    if (which === 'all') return [...this.#phones.values()]
    if (which !== 'pilots') return which.devices.map((device) => this.#phone(device))
    const pilots = new Map<string, Phone>()
    for (const phone of this.#phones.values()) {
      if (!pilots.has(phone.identity.model)) pilots.set(phone.identity.model, phone)
    }
    return [...pilots.values()]
  }

  async #resetPhones(
    phones: readonly Phone[],
    concurrency: number,
    changed: (record: PhoneRecord) => void,
  ): Promise<ResetFigures> {
    const start = performance.now()
    const waiting = phones.values()
    let done = 0
    this.#progress = { done, total: phones.length }
    const work = async () => {
      for (const phone of waiting) {
        await phone.reset()
        done += 1
        this.#progress = { done, total: phones.length }
        changed(phone.record())
      }
    }
    try {
      await Promise.all(Array.from({ length: Math.max(1, concurrency) }, work))
    } finally {
      this.#progress = undefined
    }
    const records = phones.map((phone) => phone.record())
    this.#figures = figuresOf(records, (performance.now() - start) / 1000)
    return this.#figures
  }
}

function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const start = items.length === 0 ? 0 : by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}
