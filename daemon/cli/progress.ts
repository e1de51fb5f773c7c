/** Tells how far something is: one line that changes on a terminal, plain lines elsewhere. */
import type { Writable } from 'node:stream'
import { printable } from '../ctl/text.js'

export interface ProgressOutput extends Pick<Writable, 'write'> {
  readonly isTTY?: boolean
  readonly columns?: number
}

export interface Progress {
  /** On a terminal it takes the place of the one before. */
  readonly tell: (text: string) => void
  /** Takes the last one away, so that results begin on a clean line. */
  readonly end: () => void
}

// ECMA-48: to the start of the line, and erase it.
const CLEAN_LINE = '\r\x1b[K'

export function makeProgress(output: ProgressOutput = process.stderr): Progress {
  if (output.isTTY !== true) {
    return { tell: (text) => void output.write(`${printable(text)}\n`), end: () => undefined }
  }
  let shown = false
  return {
    tell: (text) => {
      shown = true
      // A terminal that knows no width says 0.
      output.write(`${CLEAN_LINE}${printable(text).slice(0, (output.columns || 80) - 1)}`)
    },
    end: () => {
      if (shown) output.write(CLEAN_LINE)
      shown = false
    },
  }
}
