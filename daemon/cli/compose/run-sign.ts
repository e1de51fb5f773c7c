/** `ctl-bridge sign`: compose where needed, unlock, sign, verify here, and only then write. */
import { resolve } from 'node:path'
import { BridgeError } from '../../bridge-error.js'
import { printable } from '../../ctl/text.js'
import { type CtlDescription, describeCtlFile } from '../../trust/show/describe-ctl-file.js'
import { verifyCtlFile } from '../../trust/verify/verify-ctl-file.js'
import type { StatusAnswer, TokenListAnswer } from '../answers.js'
import { type ApiClient, openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { verdictText } from '../ctl/verdict-text.js'
import { jsonText } from '../json-text.js'
import { readInputFile } from '../read-input-file.js'
import { planSign, type SignWishes } from './plan-sign.js'
import { signDraft } from './sign-draft.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, lists, switches, terminal } = context
  const base = await readInputFile(operands[0] ?? '')
  const before = describeCtlFile(base)
  const api = await openApi(context)
  const { key } = await api.getJson<StatusAnswer>('/v1/status')
  const { tokens } = await api.getJson<TokenListAnswer>('/v1/tokens')
  const wishes: SignWishes = {
    token: values.token ?? '',
    withTokens: lists['with-token'] ?? [],
    certificate: values.certificate,
    dropSast: switches.has('drop-sast'),
    servers: lists.server ?? [],
    profile: values.profile as SignWishes['profile'],
    digest: (values.digest as SignWishes['digest'] | undefined) ?? 'sha1',
  }
  const asItIs = verifyCtlFile(base).problem?.code === 'CTL_UNSIGNED'
  if (asItIs) refuseComposing(context)
  const draft = asItIs ? base : await compose(api, base, planSign(before, tokens, wishes))
  terminal.note(planText(describeCtlFile(draft), wishes.token))

  const out = resolve(values.out ?? '')
  const { signed, report } = await signDraft(context, { api, key, tokens, token: wishes.token, draft, out })
  const { sha1, sha256 } = describeCtlFile(signed)
  if (terminal.json) terminal.print(jsonText({ file: out, bytes: signed.length, sha1, sha256, ...report }, 2))
  else terminal.print(verdictText(out, signed.length, report))
  return 0
}

// What is only advice must not stop people from signing what their cluster serves.
const compose = (api: ApiClient, base: Uint8Array, plan: ReturnType<typeof planSign>): Promise<Uint8Array> =>
  api.postForFile('/v1/ctl/compose', { base: Buffer.from(base).toString('base64'), force: true, ...plan })

/** A composed file is signed as it is: an option that would change it must not be ignored. */
function refuseComposing({ values, lists, switches }: CommandContext): void {
  const given = (name: string): boolean =>
    switches.has(name) || values[name] !== undefined || (lists[name] ?? []).length > 0
  const names = ['with-token', 'certificate', 'drop-sast', 'server', 'profile', 'digest']
  const wrong = names.find(given)
  if (wrong === undefined) return
  throw new BridgeError('USAGE', `FILE is composed already and signed as it is; --${wrong} cannot change it.`)
}

/** What is about to be signed, so that a person can stop before the PIN. */
function planText(draft: CtlDescription, token: string): string {
  const width = Math.max(...draft.records.map(({ functionName }) => functionName.length))
  const rows = draft.records.map(({ number, functionName, subject, dnsName = '' }) => {
    return `  ${String(number).padStart(2)}  ${functionName.padEnd(width)}  ${subject ?? dnsName}`
  })
  return `${[`To be signed by token ${token}: ${draft.records.length} records`, ...rows].map(printable).join('\n')}\n`
}
