/** `lab phones`: the table drawn anew each second on a terminal, once where it is piped. */
import type { FleetReport } from './fleet-report.js'
import { phoneTable } from './phone-table.js'

/** As much of process.stdout as is needed. */
export interface TableOutput {
  readonly isTTY?: boolean
  readonly rows?: number
  readonly write: (text: string) => unknown
}

export interface ShowOptions {
  readonly read: () => Promise<FleetReport>
  readonly output: TableOutput
  readonly form: 'table' | 'json'
  /** Goes on until the signal; on a terminal only. */
  readonly live: boolean
  readonly signal: AbortSignal
  /** Milliseconds between two drawings. Default: 1000. */
  readonly every?: number
}

export async function showPhones(options: ShowOptions): Promise<void> {
  const { read, output, form, live, signal } = options
  if (form === 'json') {
    output.write(`${JSON.stringify(await read(), null, 2)}\n`)
    return
  }
  if (!live || output.isTTY !== true) {
    output.write(phoneTable(await read()))
    return
  }
  let drawn = 0
  while (!signal.aborted) {
    const lines = fitted(phoneTable(await read()), output.rows)
    // ECMA-48: cursor up to where the last table began, then erase to the end of the screen.
    output.write(`${drawn > 0 ? `\x1b[${drawn}A` : ''}\x1b[J${lines.join('')}`)
    drawn = lines.length
    await pause(options.every ?? 1000, signal)
  }
}

/** Lines that scrolled away cannot be drawn over: a small terminal sees the top, and is told so. */
function fitted(text: string, rows = 24): string[] {
  const lines = text.split(/(?<=\n)/)
  const room = Math.max(2, rows - 1)
  if (lines.length <= room) return lines
  return [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines; the terminal is too small\n`]
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, milliseconds)
    function end() {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end)
  })
}
