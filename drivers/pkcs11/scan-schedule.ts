/** Milliseconds: the first and the longest pause after scans that failed. */
const FIRST_PAUSE = 250
const LONGEST_PAUSE = 30_000

/**
 * Milliseconds until the next scan that nobody hinted at. A module that keeps failing is tried again
 * soon, then ever more rarely; a healthy one every `rescanEvery`.
 */
export function pauseBeforeScan(failuresInARow: number, rescanEvery: number): number {
  if (failuresInARow === 0) return rescanEvery
  return Math.min(FIRST_PAUSE * 2 ** Math.min(failuresInARow - 1, 20), LONGEST_PAUSE)
}
