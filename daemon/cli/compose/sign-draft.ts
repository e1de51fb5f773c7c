/** From a composed file to a signed one that is written: unlock, sign, verify here, and only then write. */
import { CtlError } from '../../ctl/ctl-error.js'
import { verifyCtlFile } from '../../trust/verify/verify-ctl-file.js'
import { reportVerdict, type VerdictReport } from '../../verdict-report.js'
import type { StatusAnswer, TokenAnswer } from '../answers.js'
import type { ApiClient } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { withTokenUnlocked } from '../token/with-token-unlocked.js'
import { tryOutputFile, writeOutputFile } from '../write-output-file.js'
import { checkSign, findToken, refuseOther } from './check-sign.js'

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
  context: CommandContext,
  { api, key, tokens, token, draft, out }: SignDraft,
): Promise<{ readonly signed: Uint8Array; readonly report: VerdictReport }> {
  checkSign(verifyCtlFile(draft), token, tokens, key)
  await tryOutputFile(out, draft.length)
  const signed = await withTokenUnlocked(context, api, findToken(tokens, token), () =>
    api.postFile(`/v1/ctl/sign?token=${encodeURIComponent(token)}`, draft),
  )
  const verdict = verifyCtlFile(signed, { at: new Date() })
  refuseOther(draft, signed)
  if (verdict.problem) throw new CtlError(verdict.problem.code, verdict.problem.detail, verdict.problem.at)
  await writeOutputFile(out, signed)
  return { signed, report: reportVerdict(verdict, { strict: false }) }
}
