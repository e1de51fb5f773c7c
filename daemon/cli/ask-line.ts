/** Asks a question on the terminal and reads one line, shown as it is typed. */
import { openSync } from 'node:fs'
import { ReadStream } from 'node:tty'
import { BridgeError } from '../bridge-error.js'

export async function askLine(question: string): Promise<string> {
  let fd: number
  try {
    fd = openSync('/dev/tty', 'r+')
  } catch {
    throw new BridgeError('USAGE', 'There is no terminal to confirm on; use --yes.')
  }
  // Not a file's stream: a read of a terminal that waits would keep the process from ending.
  const input = new ReadStream(fd)
  process.stderr.write(question)
  try {
    return await new Promise<string>((resolve) => {
      // The terminal hands over whole lines, because raw mode is off.
      input.once('data', (line) => resolve(String(line).trimEnd()))
      input.once('end', () => resolve(''))
    })
  } finally {
    input.destroy()
  }
}
