/** `ctl-bridge show FILE`: the `show ctl` text, or the description as JSON. */
import { BridgeError } from '../bridge-error.js'
import type { CommandContext } from './command.js'
import { readInputFile } from './read-input-file.js'

export async function run({ operands, values, terminal }: CommandContext): Promise<number> {
  const bytes = await readInputFile(operands[0] ?? '').catch((error: unknown) => {
    // CUCM prints its text without a file; a script gets the problem.
    if (!terminal.json && error instanceof BridgeError && error.code === 'NODE_HAS_NO_FILE') return nothing
    throw error
  })
  if (terminal.json) {
    const { describeCtlFile } = await import('../trust/describe-ctl-file.js')
    terminal.print(`${JSON.stringify(describeCtlFile(bytes), null, 2)}\n`)
    return 0
  }
  const { showCtlText } = await import('../trust/show-ctl-text.js')
  terminal.print(showCtlText(bytes, values.zone === undefined ? {} : { timeZone: values.zone }))
  if (bytes.length > 0) return 0
  // There is nothing to trust.
  const { exitCodes } = await import('../problems.js')
  return exitCodes.file
}

const nothing = new Uint8Array()
