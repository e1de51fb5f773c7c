import { printable } from '../../ctl/text.js'

/** Breaks between words so that no line is longer than `width`; lines after the first are indented. */
export function wrapWords(text: string, indent: number, width = 80): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1] ?? ''
    if (line !== '' && line.length + word.length + 1 > width - indent) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.join(`\n${' '.repeat(indent)}`)
}

/** Narrower than this, wrapping helps nobody; a terminal that does not know its width says 0. */
const NARROWEST = 40

/**
 * A row of a report, whose further lines stand below the text of the first, behind its label (`  what  …`). Without
 * `width` it stays one line.
 */
export function wrapRow(row: string, width: number | undefined): string {
  if (width === undefined || width < NARROWEST || row.length <= width) return row
  const [start = ''] = /^ *(?:\d+\. |\S+(?: \S+)*? {2,})?/.exec(row) ?? []
  return `${start}${wrapWords(row.slice(start.length), start.length, width)}`
}

/** Rows of a report as text; what a terminal would obey is escaped. */
export const reportLines = (rows: readonly string[], width?: number): string =>
  `${rows.map((row) => wrapRow(printable(row), width)).join('\n')}\n`
