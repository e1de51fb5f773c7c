/** What was seen, line by line: written by the machine as JSON, read and laid out by the host. */

export interface Sight {
  readonly step: string
  readonly saw: string
  /** Whether it is what it must be. */
  readonly good: boolean
  /** Since the cause, for example the plugging; told, never judged. */
  readonly seconds?: number
  /** When the step was over, in seconds since the machine's kernel started. */
  readonly at: number
}

const COLUMNS = { step: 47, saw: 78 }

export function lineOf({ step, saw, good, seconds, at }: Sight): string {
  const time = seconds === undefined ? '' : `${seconds.toFixed(1)} s`
  const cells = [
    step.padEnd(COLUMNS.step),
    saw.padEnd(COLUMNS.saw),
    time.padStart(7),
    `${at.toFixed(0)} s`.padStart(6),
    good ? 'ok' : 'WRONG',
  ]
  return cells.join('  ').trimEnd()
}

export const heading = (): string =>
  ['step'.padEnd(COLUMNS.step), 'seen'.padEnd(COLUMNS.saw), 'after'.padStart(7), 'at'.padStart(6)].join('  ')

/** Undefined for a line that is no sight, such as a kernel message on the same serial port. */
export function readSight(line: string): Sight | undefined {
  try {
    const sight = JSON.parse(line) as Sight
    return typeof sight.step === 'string' && typeof sight.saw === 'string' ? sight : undefined
  } catch {
    return undefined
  }
}
