/** CSV as RFC 4180 and spreadsheets write it, row by row, so that a file of any length needs little memory. */
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { BridgeError } from '../../bridge-error.js'
import { printable } from '../../ctl/text.js'

export interface CsvRow {
  /** Number of its first line, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/** A row over this has a quote that nobody closed. */
const MAX_ROW = 256 * 1024

/**
 * The rows of a file, or of standard input for `-`, in batches as they are read. Empty lines and lines that begin
 * with `#` are left out. Rejects with FILE_UNREADABLE or LIST_INVALID.
 */
export async function* readCsvRows(name: string): AsyncGenerator<readonly CsvRow[]> {
  const source: Readable = name === '-' ? process.stdin : createReadStream(name)
  // Bytes of another encoding become a mark; names and models that matter are ASCII.
  const decoder = new TextDecoder()
  const splitter = new CsvSplitter(name)
  try {
    for await (const part of source) yield splitter.push(decoder.decode(part as Buffer, { stream: true }))
  } catch (error) {
    if (error instanceof BridgeError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'There is no such file.' : `${message}.`
    throw new BridgeError('FILE_UNREADABLE', why, { file: name })
  }
  yield splitter.end(decoder.decode())
}

/** Cuts text into rows, wherever the text was cut. */
export class CsvSplitter {
  readonly #file: string
  #rest = ''
  #line = 1
  #delimiter: string | undefined

  constructor(file: string) {
    this.#file = file
  }

  push(text: string): CsvRow[] {
    if (text.includes('\0')) {
      throw new BridgeError('LIST_INVALID', 'This is no text in UTF-8.', {
        file: this.#file,
        line: this.#line,
      })
    }
    const lines = `${this.#rest}${text}`.split('\n')
    this.#rest = lines.pop() ?? ''
    const rows: CsvRow[] = []
    let open = ''
    let openLines = 0
    for (const line of lines) {
      const whole = openLines > 0 ? `${open}\n${line}` : line
      this.#refuseLong(whole)
      openLines++
      if (isOpen(whole)) {
        open = whole
        continue
      }
      rows.push(...this.#row(whole))
      this.#line += openLines
      openLines = 0
    }
    if (openLines > 0) this.#rest = `${open}\n${this.#rest}`
    this.#refuseLong(this.#rest)
    return rows
  }

  end(text: string): CsvRow[] {
    const rows = this.push(text)
    const last = this.#rest
    this.#rest = ''
    if (!isOpen(last)) return [...rows, ...this.#row(last)]
    throw new BridgeError('LIST_INVALID', 'A quote is not closed.', { file: this.#file, line: this.#line })
  }

  #refuseLong(row: string): void {
    if (row.length <= MAX_ROW) return
    const detail = `A row has more than ${MAX_ROW} characters.`
    throw new BridgeError('LIST_INVALID', detail, { file: this.#file, line: this.#line })
  }

  #row(text: string): CsvRow[] {
    const row = text.endsWith('\r') ? text.slice(0, -1) : text
    if (row.trim() === '' || row.startsWith('#')) return []
    // Spreadsheets write semicolons where the comma parts decimals.
    this.#delimiter ??= [',', ';', '\t'].find((mark) => row.includes(mark)) ?? ','
    return [{ line: this.#line, cells: cellsOf(row, this.#delimiter) }]
  }
}

/** Whether a quote is open at the end: a doubled quote inside of a cell counts twice. */
function isOpen(text: string): boolean {
  let count = 0
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count++
  return count % 2 === 1
}

function cellsOf(row: string, delimiter: string): string[] {
  if (!row.includes('"')) return row.split(delimiter).map((cell) => cell.trim())
  const cells: string[] = []
  let start = 0
  let quoted = false
  for (let at = 0; at <= row.length; at++) {
    if (row[at] === '"') quoted = !quoted
    if (at < row.length && (quoted || row[at] !== delimiter)) continue
    cells.push(unquoted(row.slice(start, at).trim()))
    start = at + 1
  }
  return cells
}

function unquoted(cell: string): string {
  const isQuoted = cell.length >= 2 && cell.startsWith('"') && cell.endsWith('"')
  return isQuoted ? cell.slice(1, -1).replaceAll('""', '"') : cell
}

/** One row; a spreadsheet must not take a name for a formula, nor a terminal for a command. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\n`
}

function csvCell(text: string): string {
  const shown = printable(text)
  const tame = /^[=+@\t-]/.test(shown) ? `'${shown}` : shown
  return /[",]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame
}
