/** `ctl-bridge request show`: what a request asks for, from the bytes to be signed. */
import { resolve } from 'node:path'
import { describeSigningRequest } from '../../signing/signing-request.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { writeOutputFile } from '../write-output-file.js'
import { readRequestFile } from './read-request-file.js'
import { requestText } from './request-text.js'

export async function run({ operands, values, terminal }: CommandContext): Promise<number> {
  const { request } = await readRequestFile(operands[0] ?? '')
  if (values.draft !== undefined) await writeOutputFile(resolve(values.draft), request.draft)
  terminal.print(terminal.json ? jsonText(describeSigningRequest(request), 2) : requestText(request))
  return 0
}
