/** `ctl-bridge diff OLD NEW`: what changes from one file to the other. */
import { BridgeError } from '../../bridge-error.js'
import { exitCodes } from '../../problems/exit-codes.js'
import { describeDiff } from '../../trust/diff/describe-diff.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { paintFor } from '../paint.js'
import { readInputFile } from '../read-input-file.js'
import { diffText } from './diff-text.js'

export async function run({ operands, switches, terminal }: CommandContext): Promise<number> {
  const [oldName = '', newName = ''] = operands
  if (oldName === '-' && newName === '-') {
    throw new BridgeError('USAGE', 'Only one of the two files can come from standard input.')
  }
  const diff = describeDiff(await readInputFile(oldName), await readInputFile(newName))
  const names = { old: oldName, new: newName }
  if (terminal.json) terminal.print(jsonText({ files: names, ...diff }, 2))
  else terminal.print(diffText(names, diff, paintFor(terminal)))
  const isSame = diff.extent === 'nothing' || (diff.extent === 'signature' && switches.has('content'))
  return isSame ? exitCodes.done : exitCodes.file
}
