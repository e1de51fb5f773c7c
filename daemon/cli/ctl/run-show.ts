/** `ctl-bridge show FILE`: the `show ctl` text, with `--long` everything, or the description as JSON. */
import { BridgeError } from '../../bridge-error.js'
import { printable } from '../../ctl/text.js'
import { isKnownZone } from '../../trust/show/date-text.js'
import type { CommandContext } from '../command.js'
import { readInputFile } from '../read-input-file.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, terminal } = context
  const bytes = await readInputFile(operands[0] ?? '').catch((error: unknown) => {
    // CUCM prints its text without a file; a script gets the problem.
    if (!terminal.json && error instanceof BridgeError && error.code === 'NODE_HAS_NO_FILE') return nothing
    throw error
  })
  terminal.print(terminal.json ? await description(bytes) : await text(bytes, context))
  if (bytes.length > 0) return 0
  // There is nothing to trust.
  const { exitCodes } = await import('../../problems/exit-codes.js')
  return exitCodes.file
}

const nothing = new Uint8Array()

async function description(bytes: Uint8Array): Promise<string> {
  const { describeCtlFile } = await import('../../trust/show/describe-ctl-file.js')
  const { jsonText } = await import('../json-text.js')
  return jsonText(describeCtlFile(bytes), 2)
}

// What --long and colour need is loaded for them alone.
async function text(bytes: Uint8Array, { values, switches, terminal }: CommandContext): Promise<string> {
  if (values.zone !== undefined && !isKnownZone(values.zone)) {
    terminal.note(
      `The short name of the zone ${printable(values.zone)} is not known here: the date is in UTC.\n`,
    )
  }
  const options = {
    ...(values.zone === undefined ? {} : { timeZone: values.zone }),
    ...(terminal.width === undefined ? {} : { width: terminal.width }),
  }
  const shown = switches.has('long')
    ? (await import('../../trust/show/show-long-text.js')).showLongText(bytes, options)
    : (await import('../../trust/show/show-ctl-text.js')).showCtlText(bytes, options)
  return terminal.colour ? (await import('./colour-show.js')).colourShow(shown) : shown
}
