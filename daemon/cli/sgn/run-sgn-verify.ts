/** `ctl-bridge sgn verify`: valid or not, by whom, and what is worth knowing. */
import { basename } from 'node:path'
import { BridgeError } from '../../bridge-error.js'
import { MAX_SGN_BYTES } from '../../ctl/sgn-file.js'
import { exitCodes } from '../../problems/exit-codes.js'
import { verifySgnFile } from '../../trust/sgn/verify-sgn-file.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { readInputFile } from '../read-input-file.js'
import { readSgnTrust } from './read-sgn-trust.js'
import { sgnVerdictText } from './sgn-verdict-text.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, terminal } = context
  const path = operands[0] ?? ''
  const against = await readSgnTrust(context)
  if (against === undefined) {
    throw new BridgeError('USAGE', 'ctl-bridge sgn verify: say who may sign, with --trust or --certificate.')
  }
  const bytes = await readInputFile(path, MAX_SGN_BYTES)
  const name = path === '-' ? {} : { name: basename(path) }
  const verdict = verifySgnFile(bytes, against, { at: new Date(), ...name })
  if (terminal.json) {
    terminal.print(jsonText({ file: path, bytes: bytes.length, ...verdict }, 2))
  } else terminal.print(sgnVerdictText(path, bytes.length, verdict))
  return verdict.verdict === 'valid' ? exitCodes.done : exitCodes.file
}
