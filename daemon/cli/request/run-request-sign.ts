/** `ctl-bridge request sign`: on the machine with the token, through its daemon. */
import { resolve } from 'node:path'
import { BridgeError } from '../../bridge-error.js'
import { printable } from '../../ctl/text.js'
import { completeRequest, decodeSigningAnswer } from '../../signing/signing-answer.js'
import type { SigningRequest } from '../../signing/signing-request.js'
import type { StatusAnswer, TokenAnswer, TokenListAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import { askLine } from '../ask-line.js'
import type { CommandContext } from '../command.js'
import { checkSigner, checkToken } from '../compose/check-sign.js'
import { jsonText } from '../json-text.js'
import { withTokenUnlocked } from '../token/with-token-unlocked.js'
import { tryOutputFile, writeOutputFile } from '../write-output-file.js'
import { readRequestFile } from './read-request-file.js'
import { requestText } from './request-text.js'

/** Bytes of an answer; only to see that there is room. */
const ANSWER_BYTES = 4096

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, switches, terminal } = context
  const { text, request } = await readRequestFile(operands[0] ?? '')
  const serial = values.token ?? ''
  const api = await openApi(context)
  const { key } = await api.getJson<StatusAnswer>('/v1/status')
  const { tokens } = await api.getJson<TokenListAnswer>('/v1/tokens')
  terminal.note(requestText(request))
  const token = checkToken(serial, tokens, key)
  checkExpectedSigner(request, token)
  const out = resolve(values.out ?? '')
  await tryOutputFile(out, ANSWER_BYTES)
  if (!switches.has('yes') && (await askLine('Sign this? Type yes: ')) !== 'yes') {
    throw new BridgeError('USAGE', 'Not confirmed; nothing was signed and no PIN was used.')
  }
  const answer = await withTokenUnlocked(context, api, token, () =>
    api.postFile(`/v1/signing-requests/sign?token=${encodeURIComponent(serial)}`, text, 'text/plain'),
  )
  // What the daemon gives is looked at here as well, as the machine that asked will.
  const { signed } = refuseOther(request, answer)
  await writeOutputFile(out, answer)
  if (terminal.json) {
    const { id, signer } = request
    const facts = { out, request: id, signer: signer.certificateSha256, signed }
    terminal.print(jsonText(facts, 2))
  } else {
    terminal.print(
      `Signed and verified. The answer is in ${printable(out)}; send it to whoever made the request.\n`,
    )
  }
  return 0
}

function checkExpectedSigner({ id, signer }: SigningRequest, token: TokenAnswer): void {
  const certificate = signer.certificateSha256
  if (!token.certificates.some(({ sha256 }) => sha256 === certificate)) {
    const detail = `Token ${token.serial} does not hold the certificate that the request expects.`
    throw new BridgeError('REQUEST_FOR_OTHER_SIGNER', detail, {
      token: token.serial,
      certificate,
      request: id,
    })
  }
  checkSigner(certificate, token)
}

function refuseOther(request: SigningRequest, text: Uint8Array) {
  const answer = decodeSigningAnswer(text)
  completeRequest(request, answer)
  return answer
}
