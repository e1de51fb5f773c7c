/** `ctl-bridge request show`: what a request asks for, from the bytes to be signed. */
import { describeSigningRequest } from '../signing/signing-request.js'
import type { CommandContext } from './command.js'
import { readRequestFile } from './read-request-file.js'
import { requestText } from './request-text.js'

export async function run({ operands, terminal }: CommandContext): Promise<number> {
  const { request } = await readRequestFile(operands[0] ?? '')
  terminal.print(
    terminal.json ? `${JSON.stringify(describeSigningRequest(request), null, 2)}\n` : requestText(request),
  )
  return 0
}
