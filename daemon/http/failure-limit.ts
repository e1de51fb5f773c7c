/** Counts failures per subject in a sliding window and refuses when there were too many. */
import { BridgeError } from '../bridge-error.js'

export interface FailureLimit {
  /** Throws RATE_LIMITED when the subject has used up its share of the window. */
  refuse(subject: string): void
  /** Counts one failure. */
  count(subject: string): void
}

/** At most `limit` per `windowSeconds`; `now` in milliseconds. Memory is bounded by the limit. */
export function makeFailureLimit(limit: number, windowSeconds: number, now: () => number): FailureLimit {
  const times = new Map<string, readonly number[]>()
  const window = windowSeconds * 1000
  return {
    refuse(subject) {
      const since = now() - window
      const recent = (times.get(subject) ?? []).filter((time) => time > since)
      const [oldest] = recent
      if (recent.length < limit || oldest === undefined) return
      const retryAfter = Math.ceil((oldest - since) / 1000)
      throw new BridgeError('RATE_LIMITED', `Wait ${retryAfter} s before the next attempt.`, { retryAfter })
    },
    count(subject) {
      times.set(subject, [...(times.get(subject) ?? []), now()].slice(-limit))
    },
  }
}
