/** `ctl-bridge sign`: compose where needed, unlock, sign, verify here, and only then write. */
import { access, constants } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { BridgeError } from '../bridge-error.js'
import { CtlError } from '../ctl/ctl-error.js'
import { printable } from '../ctl/text.js'
import { replaceFile } from '../store/sync-file.js'
import { type CtlDescription, describeCtlFile } from '../trust/describe-ctl-file.js'
import { verifyCtlFile } from '../trust/verify-ctl-file.js'
import type { TokenListAnswer } from './answers.js'
import { type ApiClient, openApi } from './api-client.js'
import type { CommandContext } from './command.js'
import { planSign, type SignWishes } from './plan-sign.js'
import { readInputFile } from './read-input-file.js'
import { readTokenPin } from './read-pin.js'
import { verdictText } from './verdict-text.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, lists, switches, terminal } = context
  const base = await readInputFile(operands[0] ?? '')
  const before = describeCtlFile(base)
  const api = await openApi(context)
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
  const draft = asItIs ? base : await compose(api, base, planSign(before, tokens, wishes))
  terminal.note(planText(describeCtlFile(draft), wishes.token))

  const out = resolve(values.out ?? '')
  await refuseUnwritable(out)
  const signer = tokens.find(({ serial }) => serial === wishes.token) ?? typed
  const pin = await readTokenPin(
    signer,
    { file: values['pin-file'], descriptor: values['pin-fd'] },
    `PIN of token ${printable(wishes.token)}: `,
    terminal,
  )
  const overrides = { finalTry: switches.has('final-try'), repeatPin: switches.has('repeat-pin') }
  const signed = await signWithPin(api, wishes.token, { pin, ...overrides }, draft)
  const verdict = verifyCtlFile(signed, { at: new Date() })
  if (verdict.problem) throw new CtlError(verdict.problem.code, verdict.problem.detail, verdict.problem.place)
  await write(out, signed)
  const { sha1, sha256 } = describeCtlFile(signed)
  if (terminal.json)
    terminal.print(
      `${JSON.stringify({ file: out, bytes: signed.length, sha1, sha256, ...verdict }, null, 2)}\n`,
    )
  else terminal.print(verdictText(out, signed.length, verdict))
  return 0
}

/** A token that is not known is refused by the daemon; until then its PIN is typed here. */
const typed = { pin: { onReader: false } }

const compose = (api: ApiClient, base: Uint8Array, plan: ReturnType<typeof planSign>): Promise<Uint8Array> =>
  api.postForFile('/v1/ctl/compose', { base: Buffer.from(base).toString('base64'), ...plan })

/** The lease is for this one signature; whatever happens, the token is locked again. */
async function signWithPin(
  api: ApiClient,
  token: string,
  unlock: { readonly pin: string; readonly finalTry: boolean; readonly repeatPin: boolean },
  draft: Uint8Array,
): Promise<Uint8Array> {
  const path = `/v1/tokens/${encodeURIComponent(token)}`
  await api.postJson(`${path}/unlock`, { ...unlock, seconds: 120, uses: 1 })
  try {
    return await api.postFile(`/v1/ctl/sign?token=${encodeURIComponent(token)}`, draft)
  } finally {
    await api.postJson(`${path}/lock`, {}).catch(() => undefined)
  }
}

/** What is about to be signed, so that a person can stop before the PIN. */
function planText(draft: CtlDescription, token: string): string {
  const rows = draft.records.map((record) => {
    const name = record.subject ?? record.dnsName ?? ''
    return `  ${String(record.number).padStart(2)}  ${record.functionName ?? record.function}  ${name}`
  })
  return `${[`To be signed by token ${token}: ${draft.records.length} records`, ...rows].map(printable).join('\n')}\n`
}

/** Found out before a PIN is asked for. */
async function refuseUnwritable(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK)
  } catch (error) {
    throw new BridgeError('FILE_NOT_WRITTEN', `${(error as Error).message}.`, { file: path })
  }
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await replaceFile(path, bytes, 0o644)
  } catch (error) {
    throw new BridgeError('FILE_NOT_WRITTEN', `${(error as Error).message}.`, { file: path })
  }
}
