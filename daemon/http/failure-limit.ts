/** Counts failures per subject in a sliding window and refuses when there were too many. */
import { BridgeError } from '../bridge-error.js'

export interface FailureLimit {
  /** Counts one; throws RATE_LIMITED when the subject has used up its share of the window. */
  count(subject: string): void
}

/** At most `limit` per `windowSeconds`; `now` in milliseconds. Memory is bounded by the limit. */
export function makeFailureLimit(limit: number, windowSeconds: number, now: () => number): FailureLimit {
  const times = new Map<string, number[]>()
  return {
    count(subject) {
      const since = now() - windowSeconds * 1000
      const recent = (times.get(subject) ?? []).filter((time) => time > since)
      const oldest = recent[0]
      if (recent.length >= limit && oldest !== undefined) {
        times.set(subject, recent)
        const retryAfter = Math.ceil((oldest - since) / 1000)
        throw new BridgeError('RATE_LIMITED', `Wait ${retryAfter} s before the next attempt.`, { retryAfter })
      }
      times.set(subject, [...recent, now()])
    },
  }
}
