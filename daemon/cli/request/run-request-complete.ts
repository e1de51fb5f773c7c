/** `ctl-bridge request complete`: the signature goes into the file, which is written when it verifies. */
import { resolve } from 'node:path'
import { completeRequest, decodeSigningAnswer } from '../../signing/signing-answer.js'
import { describeCtlFile } from '../../trust/show/describe-ctl-file.js'
import { verifyCtlFile } from '../../trust/verify/verify-ctl-file.js'
import { reportVerdict } from '../../verdict-report.js'
import type { CommandContext } from '../command.js'
import { verdictText } from '../ctl/verdict-text.js'
import { jsonText } from '../json-text.js'
import { readInputFile } from '../read-input-file.js'
import { writeOutputFile } from '../write-output-file.js'
import { REQUEST_BYTES, readRequestFile } from './read-request-file.js'

export async function run({ operands, values, terminal }: CommandContext): Promise<number> {
  const { request } = await readRequestFile(operands[0] ?? '')
  const answer = decodeSigningAnswer(await readInputFile(operands[1] ?? '', REQUEST_BYTES))
  const signed = completeRequest(request, answer)
  const out = resolve(values.out ?? '')
  await writeOutputFile(out, signed)
  const verdict = reportVerdict(verifyCtlFile(signed, { at: new Date() }), { strict: false })
  const { sha1, sha256 } = describeCtlFile(signed)
  if (terminal.json) {
    const facts = { file: out, bytes: signed.length, sha1, sha256, request: request.id, ...verdict }
    terminal.print(jsonText(facts, 2))
  } else terminal.print(verdictText(out, signed.length, verdict))
  return 0
}
