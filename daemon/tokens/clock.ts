/** Time as a value, so that tests can drive it. */
export interface Clock {
  /** Milliseconds since 1970 UTC. */
  now(): number
  /** Calls `ring` once after so many milliseconds. Returns the function that prevents it. */
  after(milliseconds: number, ring: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, ring) {
    const timer = setTimeout(ring, milliseconds).unref()
    return () => clearTimeout(timer)
  },
}
