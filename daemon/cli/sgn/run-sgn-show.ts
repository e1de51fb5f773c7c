/** `ctl-bridge sgn show`: the header of a signed configuration file, and what it stands in front of. */
import { basename } from 'node:path'
import { MAX_SGN_BYTES } from '../../ctl/sgn-file.js'
import { describeSgnFile } from '../../trust/sgn/describe-sgn-file.js'
import { showSgnText } from '../../trust/sgn/show-sgn-text.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { readInputFile } from '../read-input-file.js'

export async function run({ operands, terminal }: CommandContext): Promise<number> {
  const path = operands[0] ?? ''
  const name = path === '-' ? undefined : basename(path)
  const bytes = await readInputFile(path, MAX_SGN_BYTES)
  if (terminal.json) terminal.print(jsonText(describeSgnFile(bytes, name), 2))
  else terminal.print(showSgnText(bytes, name))
  return 0
}
