/** What a command of `ctl-bridge` is: data, from which parsing, help, completions and the man page come. */
import type { Place } from '../place.js'

export interface CommandOption {
  /** Long name without the hyphens. */
  readonly name: string
  /** Placeholder of its value; absent for a switch. */
  readonly value?: string
  readonly many?: true
  readonly required?: true
  readonly choices?: readonly string[]
  readonly summary: string
}

export interface CommandOperand {
  /** As shown in the usage line: `FILE`. */
  readonly name: string
  /** May be left out; then it is one of the last. */
  readonly optional?: true
  /** May stand several times; then it is the last. */
  readonly many?: true
  readonly summary: string
}

export interface CommandDescription {
  readonly name: string
  readonly summary: string
  /** Paragraphs for the help page. */
  readonly description: readonly string[]
  readonly operands: readonly CommandOperand[]
  readonly options: readonly CommandOption[]
  readonly examples: readonly { readonly line: string; readonly summary: string }[]
  /** Imported when the command runs and not before: start-up stays quick. */
  readonly load: () => Promise<{ readonly run: (context: CommandContext) => Promise<number> }>
}

/** What a command runs with. */
export interface CommandContext {
  readonly operands: readonly string[]
  readonly values: Readonly<Record<string, string | undefined>>
  readonly lists: Readonly<Record<string, readonly string[]>>
  readonly switches: ReadonlySet<string>
  readonly place: Place
  readonly terminal: Terminal
}

export interface Terminal {
  /** Results: standard output. */
  readonly print: (text: string) => void
  /** Everything else: standard error. */
  readonly note: (text: string) => void
  readonly json: boolean
  /** Whether results may hold colour: they go to a terminal that has it. */
  readonly colour: boolean
  /** Columns of the terminal that results go to; undefined when they go elsewhere. */
  readonly width: number | undefined
}
