/** Asks a question on the terminal and reads one line, shown as it is typed. */
import { createReadStream, createWriteStream, openSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { BridgeError } from '../bridge-error.js'

export async function askLine(question: string): Promise<string> {
  let fd: number
  try {
    fd = openSync('/dev/tty', 'r+')
  } catch {
    throw new BridgeError('USAGE', 'There is no terminal to confirm on; use --yes.')
  }
  const input = createReadStream('', { fd, autoClose: false })
  const lines = createInterface({ input, output: createWriteStream('', { fd, autoClose: true }) })
  try {
    return await lines.question(question)
  } finally {
    lines.close()
    input.destroy()
  }
}
