/** What the demo prints: at most 80 columns, plain lines where nobody sits at a terminal. */
import { makeProgress } from '../daemon/cli/progress.js'
import { printable } from '../daemon/ctl/text.js'
import { wrapWords } from '../daemon/trust/show/wrap-words.js'

const WIDTH = 80

const progress = makeProgress(process.stdout)
let chapter = 0

/** A line, or lines, as they are. */
export function say(text = ''): void {
  progress.end()
  process.stdout.write(`${text}\n`)
}

/** A sentence or row of any length; what a terminal would obey is escaped. Further lines stand below the first. */
export function tell(text: string, indent = 3, further = indent): void {
  say(`${' '.repeat(indent)}${wrapped(text, further)}`)
}

/** Further lines begin at this column; so does the first, where the caller puts it. */
export const wrapped = (text: string, indent: number): string => wrapWords(printable(text), indent, WIDTH)

/** `GET /v1/…`: how a program asks for the same. */
export function heading(text: string, route?: string): void {
  chapter += 1
  say(`\n${chapter}. ${text}`)
  if (route !== undefined) say(`   ${route}`)
}

/** On a terminal only: one line that the next one takes the place of. */
export function tellMeanwhile(text: string): void {
  if (process.stdout.isTTY) progress.tell(text)
}

/** Takes that line away. */
export const endMeanwhile = (): void => progress.end()

export const isOnTerminal = (): boolean => process.stdout.isTTY === true

/** Columns as wide as they need to be; the last one is wrapped. */
export function table(rows: readonly (readonly string[])[], indent = 3): void {
  const columns = rows[0]?.length ?? 0
  const widths = Array.from({ length: columns - 1 }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  const start = indent + widths.reduce((sum, width) => sum + width + 2, 0)
  for (const row of rows) {
    const cells = widths.map((width, column) => `${printable(row[column] ?? '').padEnd(width)}  `).join('')
    say(`${' '.repeat(indent)}${cells}${wrapped(row.at(-1) ?? '', start)}`.trimEnd())
  }
}

export const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`
