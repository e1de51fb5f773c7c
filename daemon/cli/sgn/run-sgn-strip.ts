/** `ctl-bridge sgn strip`: the payload of a signed configuration file, once its signature verified. */
import { basename, resolve } from 'node:path'
import { BridgeError } from '../../bridge-error.js'
import { CtlError } from '../../ctl/ctl-error.js'
import { decodeSgnFile, encryptionOf, MAX_SGN_BYTES } from '../../ctl/sgn-file.js'
import { printable } from '../../ctl/text.js'
import { verifySgnFile } from '../../trust/sgn/verify-sgn-file.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { readInputFile } from '../read-input-file.js'
import { writeOutputFile } from '../write-output-file.js'
import { readSgnTrust } from './read-sgn-trust.js'
import { sgnVerdictText } from './sgn-verdict-text.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, switches, terminal } = context
  const path = operands[0] ?? ''
  const against = await readSgnTrust(context)
  const unverified = switches.has('unverified')
  if ((against === undefined) !== unverified) {
    const detail = 'say who may sign with --trust or --certificate, or say --unverified; one of the three.'
    throw new BridgeError('USAGE', `ctl-bridge sgn strip: ${detail}`)
  }
  const bytes = await readInputFile(path, MAX_SGN_BYTES)
  const file = decodeSgnFile(bytes)
  const name = path === '-' ? undefined : basename(path)
  const encrypted = encryptionOf(file, name)
  if (encrypted !== undefined) {
    throw new CtlError('SGN_ENCRYPTED', `The ${encrypted} says that the payload is encrypted.`)
  }
  const verdict =
    against && verifySgnFile(bytes, against, { at: new Date(), ...(name !== undefined && { name }) })
  if (verdict?.problem !== undefined) {
    const { code, detail, at } = verdict.problem
    throw new CtlError(code, detail, at)
  }
  const out = resolve(values.out ?? '')
  await writeOutputFile(out, file.payload)
  if (terminal.json) {
    const facts = { out, bytes: file.payload.length, verified: verdict !== undefined, ...verdict }
    terminal.print(jsonText(facts, 2))
  } else {
    if (verdict !== undefined) terminal.note(sgnVerdictText(path, bytes.length, verdict))
    const how = verdict === undefined ? 'its signature was not looked at' : 'its signature verified'
    terminal.print(`${printable(out)}: ${file.payload.length} bytes; ${how}.\n`)
  }
  return 0
}
