/** What a fleet tells of itself. */
import { outcomeText, type PhoneRecord } from './phone-record.js'

export interface ResetFigures {
  readonly phones: number
  readonly seconds: number
  readonly phonesPerSecond: number
  /** Milliseconds that half of the phones, and 95 of 100, needed at most, each from its first packet to its last. */
  readonly p50: number
  readonly p95: number
  readonly bytes: number
}

export interface ResetProgress {
  readonly done: number
  readonly total: number
}

export interface FleetReport {
  readonly phones: readonly PhoneRecord[]
  /** Of the reset that runs; undefined when none does. */
  readonly progress: ResetProgress | undefined
  /** Of the last reset that ended. */
  readonly figures: ResetFigures | undefined
}

export function figuresOf(phones: readonly PhoneRecord[], seconds: number): ResetFigures {
  const times = phones.map(({ took }) => took).sort((one, other) => one - other)
  return {
    phones: phones.length,
    seconds,
    phonesPerSecond: seconds > 0 ? phones.length / seconds : 0,
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
    bytes: phones.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

/** The least time within which this share of the phones was ready. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

/** How many phones of each outcome, the most frequent first. */
export function countOutcomes(phones: readonly PhoneRecord[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { ctl } of phones) {
    const text = outcomeText(ctl.outcome)
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return new Map([...counts].sort(([, one], [, other]) => other - one))
}
