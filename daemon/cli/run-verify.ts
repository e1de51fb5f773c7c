/** `ctl-bridge verify FILE`: valid or not, by whom, and what is worth knowing. */
import { exitCodes } from '../problems.js'
import { verifyCtlFile } from '../trust/verify-ctl-file.js'
import type { CommandContext } from './command.js'
import { readInputFile } from './read-input-file.js'
import { verdictText } from './verdict-text.js'

export async function run({ operands, terminal }: CommandContext): Promise<number> {
  const name = operands[0] ?? ''
  const bytes = await readInputFile(name)
  const verdict = verifyCtlFile(bytes, { at: new Date() })
  if (terminal.json)
    terminal.print(`${JSON.stringify({ file: name, bytes: bytes.length, ...verdict }, null, 2)}\n`)
  else terminal.print(verdictText(name, bytes.length, verdict))
  return verdict.verdict === 'valid' ? exitCodes.done : exitCodes.file
}
