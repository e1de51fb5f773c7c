/** A command as data: what is typed, what may be asked, how its success is told. */
import type { CliLimits } from './cli-limits.js'

export interface CliQuestion {
  /** For messages: `the confirmation`, `the password`. */
  readonly name: string
  /** Against what was printed since the last answer, each run of spaces and line ends as one space. */
  readonly pattern: RegExp
  /** Against the last line alone. */
  readonly isOneLine?: true
  readonly answer: string
  /** Never shown again, in whatever the node prints. */
  readonly isSecret?: true
  /** Not every release asks it. */
  readonly isOptional?: boolean
}

export interface CliPrinted {
  /** Echo and prompt cut off. */
  readonly lines: readonly string[]
  /** The same in one line, each run of spaces as one. */
  readonly text: string
}

export interface CliCommand<Result> {
  readonly text: string
  readonly time: Exclude<keyof CliLimits, 'settled' | 'quiet' | 'printed' | 'line' | 'login'>
  readonly questions: readonly CliQuestion[]
  /** From when on the node may have changed: from the command's own text, from the last answer, or never. */
  readonly changes: 'atOnce' | 'whenAnswered' | 'never'
  /** Whether Ctrl-C may be sent before anything has changed. */
  readonly mayInterrupt: boolean
  /** The result, when what was printed is what success looks like. */
  readonly read: (printed: CliPrinted) => Result | undefined
  /** What it means that the node does not know the command. */
  readonly whenUnknown?: string
}

export const oneLine = (lines: readonly string[]): string => lines.join(' ').replace(/\s+/g, ' ').trim()
