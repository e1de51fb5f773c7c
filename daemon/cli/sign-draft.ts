/** From a composed file to a signed one that is written: unlock, sign, verify here, and only then write. */
import { CtlError } from '../ctl/ctl-error.js'
import { printable } from '../ctl/text.js'
import type { CtlVerdict } from '../trust/verdict.js'
import { verifyCtlFile } from '../trust/verify-ctl-file.js'
import type { StatusAnswer, TokenAnswer } from './answers.js'
import type { ApiClient } from './api-client.js'
import { checkSign, findToken, refuseOther } from './check-sign.js'
import type { CommandContext } from './command.js'
import { holdSignals } from './hold-signals.js'
import { readTokenPin } from './read-pin.js'
import { tryOutputFile, writeOutputFile } from './write-output-file.js'

export interface SignDraft {
  readonly api: ApiClient
  readonly key: StatusAnswer['key']
  readonly tokens: readonly TokenAnswer[]
  /** Serial of the token that signs. */
  readonly token: string
  readonly draft: Uint8Array
  /** Absolute path. */
  readonly out: string
}

/** Whatever can be known to be wrong is said before the PIN is asked for; `pinOptions` say where it is. */
export async function signDraft(
  { values, switches, terminal }: CommandContext,
  { api, key, tokens, token, draft, out }: SignDraft,
): Promise<{ readonly signed: Uint8Array; readonly verdict: CtlVerdict }> {
  checkSign(verifyCtlFile(draft), token, tokens, key)
  await tryOutputFile(out, draft.length)
  const pin = await readTokenPin(
    findToken(tokens, token),
    { file: values['pin-file'], descriptor: values['pin-fd'] },
    `PIN of token ${printable(token)}: `,
    terminal,
  )
  const overrides = { finalTry: switches.has('final-try'), repeatPin: switches.has('repeat-pin') }
  const signed = await signWithPin(api, token, { pin, ...overrides }, draft)
  const verdict = verifyCtlFile(signed, { at: new Date() })
  refuseOther(draft, signed)
  if (verdict.problem) throw new CtlError(verdict.problem.code, verdict.problem.detail, verdict.problem.at)
  await writeOutputFile(out, signed)
  return { signed, verdict }
}

/** The lease is for this one signature; whatever happens, the token is locked again. */
async function signWithPin(
  api: ApiClient,
  token: string,
  unlock: { readonly pin: string; readonly finalTry: boolean; readonly repeatPin: boolean },
  draft: Uint8Array,
): Promise<Uint8Array> {
  const path = `/v1/tokens/${encodeURIComponent(token)}`
  return await holdSignals(async () => {
    await api.postJson(`${path}/unlock`, { ...unlock, seconds: 120, uses: 1 })
    try {
      return await api.postFile(`/v1/ctl/sign?token=${encodeURIComponent(token)}`, draft)
    } finally {
      await api.postJson(`${path}/lock`, {}).catch(() => undefined)
    }
  })
}
