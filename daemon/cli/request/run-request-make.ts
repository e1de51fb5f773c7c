/** `ctl-bridge request make`: a composed CTL becomes a text that asks for its signature. */
import { hostname, userInfo } from 'node:os'
import { resolve } from 'node:path'
import { BridgeError } from '../../bridge-error.js'
import { printable } from '../../ctl/text.js'
import {
  describeSigningRequest,
  encodeSigningRequest,
  makeSigningRequest,
  type SigningRequest,
  wholeSeconds,
} from '../../signing/signing-request.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { readInputFile } from '../read-input-file.js'
import { writeOutputFile } from '../write-output-file.js'
import { requestText } from './request-text.js'

export async function run({ operands, values, terminal }: CommandContext): Promise<number> {
  const draft = await readInputFile(operands[0] ?? '')
  const request = make(draft, values.from ?? whoAsks())
  const out = resolve(values.out ?? '')
  await writeOutputFile(out, Buffer.from(encodeSigningRequest(request)))
  if (terminal.json) terminal.print(jsonText({ out, ...describeSigningRequest(request) }, 2))
  else
    terminal.print(
      `${requestText(request)}Written to ${printable(out)}. Send it to the machine with the token.\n`,
    )
  return 0
}

function make(draft: Uint8Array, from: string): SigningRequest {
  try {
    return makeSigningRequest(draft, { from, made: wholeSeconds(new Date()) })
  } catch (error) {
    if (!(error instanceof BridgeError) || error.code !== 'BODY_INVALID') throw error
    throw new BridgeError('USAGE', `--from: ${error.message}`)
  }
}

function whoAsks(): string {
  try {
    return `${userInfo().username} on ${hostname()}`
  } catch {
    // A user without an entry in the system's list, as in containers.
    return `somebody on ${hostname()}`
  }
}
