/** Milliseconds at least for a person who types the PIN on the reader: a kill meanwhile may cost a try. */
export const READER_DEADLINE = 120_000

/** Milliseconds for a call that sends a PIN. An empty one is typed on the reader. */
export function patienceFor(pin: string, deadline: number): number {
  return pin === '' ? Math.max(deadline, READER_DEADLINE) : deadline
}
