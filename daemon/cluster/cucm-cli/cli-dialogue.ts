/**
 * One command in the shell of a node as a state machine without socket and clock: text and silences in, typing out.
 * A question is answered only if it is the one that the command expects next; anything else ends the dialogue with
 * the question unanswered.
 */
import { printable } from '../../ctl/text.js'
import type { NodeErrorCode } from '../files/node-error.js'
import { type CliCommand, type CliQuestion, oneLine } from './cli-command.js'
import type { CliLimits } from './cli-limits.js'
import { knownQuestion, knownRefusal, saysFailed } from './cli-refusals.js'
import { TerminalText } from './terminal-text.js'

export type CliEnd<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | {
      readonly kind: 'failed'
      readonly code: NodeErrorCode
      readonly detail: string
      readonly interrupt: boolean
    }

export interface CliStep<Result> {
  readonly type?: string
  readonly end?: CliEnd<Result>
}

export const PROMPT = 'admin:'
/** What the Return key sends; the node's terminal makes a line end of it. */
const RETURN = '\r'

// Both as CUCM prints them, in bold; the second where a command shows a file.
const pagers: readonly { readonly pattern: RegExp; readonly key: string }[] = [
  { pattern: /Press <enter> for 1 line, <space> for one page, or <q> to quit\s*$/, key: ' ' },
  { pattern: /options: q=quit, n=next, p=prev, b=begin, e=end \(lines \d+ - \d+ of \d+\) :\s*$/, key: 'n' },
]

/** How a line ends that waits for somebody; the second is also how progress is shown. */
const isQuestion = /(?:\?|\by(?:es)?\/no?\W*|\bpassword\W*)\s*$/i
const mayBeQuestion = /[:>$#%]\s*$/

/** The end of what was printed that a message shows, in characters. */
const SHOWN = 600
/** Lines before the one that waits which may belong to the question. */
const LONGEST_QUESTION = 40

export class CliDialogue<Result> {
  readonly #command: CliCommand<Result>
  readonly #limits: CliLimits
  readonly #terminal = new TerminalText()
  #size = 0
  /** Where the printed text begins that no answer belongs to yet. */
  #answered = 0
  /** The line, by its number, in which something was typed last. */
  #typedInLine = -1
  #next = 0
  #mayHaveChanged = false
  #isOver = false

  constructor(command: CliCommand<Result>, limits: CliLimits) {
    this.#command = command
    this.#limits = limits
  }

  /** Types the command at a prompt; without a text only the prompt is waited for. */
  begin(): CliStep<Result> {
    const { text, changes } = this.#command
    if (text === '') return {}
    this.#terminal.receive(PROMPT)
    this.#typedInLine = 0
    this.#answered = 1
    this.#mayHaveChanged = changes === 'atOnce'
    return { type: text + RETURN }
  }

  receive(text: string): CliStep<Result> {
    if (this.#isOver) return {}
    this.#size += text.length
    if (this.#size > this.#limits.printed) return this.#wrong('It prints without end.')
    this.#terminal.receive(text)
    if (this.#terminal.width > this.#limits.line) return this.#wrong('It prints a line without end.')
    return this.#turnPage()
  }

  #turnPage(): CliStep<Result> {
    const { line } = this.#terminal
    const pager = pagers.find(({ pattern }) => pattern.test(line))
    if (pager === undefined) return {}
    this.#terminal.eraseLine()
    return { type: pager.key }
  }

  /** Nothing came for a moment: the last line is whole. */
  settled(): CliStep<Result> {
    if (this.#isOver || this.#isWhereTyped()) return {}
    if (this.#isAtPrompt()) return this.#finish()
    const line = this.#terminal.line.trim()
    const pending = this.#pending()
    const { questions } = this.#command
    for (let index = this.#next; index < questions.length; index++) {
      const question = questions[index]
      if (question === undefined) break
      if (question.pattern.test(question.isOneLine === true ? line : pending))
        return this.#answer(question, index)
      if (question.isOptional !== true) break
    }
    return {}
  }

  /** Nothing came for long: a question stands there that nobody expects, or the node works. */
  quiet(): CliStep<Result> {
    if (this.#isOver || this.#isWhereTyped()) return {}
    const { line } = this.#terminal
    // A node that has begun to change itself is given its time, rather than left alone for a mark of progress.
    if (!isQuestion.test(line) && (this.#mayHaveChanged || !mayBeQuestion.test(line))) return {}
    const asked = JSON.stringify(this.#hidden(line.trim()).slice(-200))
    const why = `It asks ${printable(asked)}, which is not expected here. Nothing was answered.`
    return this.#wrong(`${why} ${knownQuestion(this.#pending())}`.trimEnd())
  }

  late(): CliStep<Result> {
    const seconds = this.#limits[this.#command.time] / 1000
    return this.#fail('NODE_TIMEOUT', `It did not end within ${seconds} s.`)
  }

  dropped(): CliStep<Result> {
    // A node may hang up behind its prompt: the command had ended.
    if (!this.#isOver && this.#isAtPrompt()) return this.#finish()
    return this.#fail('NODE_UNREACHABLE', 'The connection ended in the middle.')
  }

  /** Until the line is left in which something was typed, it shows what was there before, and the echo. */
  #isWhereTyped(): boolean {
    return this.#terminal.lines.length === this.#typedInLine
  }

  #isAtPrompt(): boolean {
    return !this.#isWhereTyped() && this.#terminal.line.trim() === PROMPT
  }

  #answer({ answer }: CliQuestion, index: number): CliStep<Result> {
    const { questions, changes } = this.#command
    this.#next = index + 1
    this.#typedInLine = this.#terminal.lines.length
    this.#answered = this.#typedInLine + 1
    const isLast = questions.slice(this.#next).every(({ isOptional }) => isOptional === true)
    if (changes === 'whenAnswered' && isLast) this.#mayHaveChanged = true
    return { type: answer + RETURN }
  }

  #finish(): CliStep<Result> {
    const lines = this.#lines()
    const text = oneLine(lines)
    const result = this.#command.read({ lines, text })
    if (result !== undefined) return this.#end({ kind: 'done', result })
    const refusal = knownRefusal(text, this.#command.whenUnknown)
    if (refusal !== undefined) return this.#refused(refusal)
    if (this.#mayHaveChanged && saysFailed(text)) return this.#wrong('The node says that it failed.')
    if (this.#mayHaveChanged) return this.#wrong('What it printed is not what success looks like.')
    const first = this.#command.questions.find(({ isOptional }) => isOptional !== true)
    if (first !== undefined && this.#next === 0) {
      return this.#refused(`It ended without asking for ${first.name}, so nothing was changed.`)
    }
    if (this.#command.questions.length > 0 || saysFailed(text))
      return this.#refused('It ended without success.')
    return this.#wrong('What it printed is not understood.')
  }

  #refused(why: string): CliStep<Result> {
    return this.#end(this.#failure('NODE_COMMAND_REFUSED', why, false))
  }

  #wrong(why: string): CliStep<Result> {
    return this.#fail('NODE_ANSWER_WRONG', why)
  }

  /** When the node may have changed, all that is known of it is that it was asked. */
  #fail(code: NodeErrorCode, why: string): CliStep<Result> {
    if (this.#isOver) return {}
    const interrupt = this.#command.mayInterrupt && !this.#mayHaveChanged && code !== 'NODE_UNREACHABLE'
    return this.#end(this.#failure(this.#mayHaveChanged ? 'NODE_OUTCOME_UNKNOWN' : code, why, interrupt))
  }

  #failure(code: NodeErrorCode, why: string, interrupt: boolean): CliEnd<Result> {
    const { text } = this.#command
    const { line } = this.#terminal
    const printed = oneLine([...this.#lines(), line.startsWith(PROMPT) ? '' : this.#hidden(line)])
    const shown = printed.length > SHOWN ? `…${printed.slice(-SHOWN)}` : printed
    const what = shown === '' ? 'It printed nothing.' : `It printed: ${printable(shown)}`
    const name = text === '' ? 'The command line does not start.' : `${text}:`
    return { kind: 'failed', code, detail: `${name} ${why} ${what}`, interrupt }
  }

  #end(end: CliEnd<Result>): CliStep<Result> {
    this.#isOver = true
    return { end }
  }

  #pending(): string {
    const { lines, line } = this.#terminal
    return oneLine([...lines.slice(Math.max(this.#answered, lines.length - LONGEST_QUESTION)), line])
  }

  /** What the command printed: the echo of its own text cut off, secrets hidden. */
  #lines(): string[] {
    const { text } = this.#command
    const [first = '', ...rest] = this.#terminal.lines
    const echo = first.startsWith(PROMPT) ? first.slice(PROMPT.length).trim() : first
    const kept = text === '' || (echo !== '' && echo !== text) ? [echo, ...rest] : rest
    return kept.map((line) => this.#hidden(line))
  }

  #hidden(line: string): string {
    const secrets = this.#command.questions.filter(({ isSecret }) => isSecret === true)
    return secrets.reduce((shown, { answer }) => shown.replaceAll(answer, '***'), line)
  }
}
