/** `ctl-bridge show FILE`: the `show ctl` text, or the description as JSON. */
import { exitCodes } from '../problems.js'
import { describeCtlFile } from '../trust/describe-ctl-file.js'
import { showCtlText } from '../trust/show-ctl-text.js'
import type { CommandContext } from './command.js'
import { readInputFile } from './read-input-file.js'

export async function run({ operands, values, terminal }: CommandContext): Promise<number> {
  const bytes = await readInputFile(operands[0] ?? '')
  if (bytes.length === 0 && !terminal.json) {
    // CUCM prints this for a node without a file; the exit code says that there is nothing to trust.
    terminal.print(showCtlText(bytes))
    return exitCodes.file
  }
  if (terminal.json) terminal.print(`${JSON.stringify(describeCtlFile(bytes), null, 2)}\n`)
  else terminal.print(showCtlText(bytes, values.zone === undefined ? {} : { timeZone: values.zone }))
  return 0
}
