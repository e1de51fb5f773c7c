/** `ctl-bridge token provision SERIAL`: a key made on the token, and a certificate or a request for it. */
import { resolve } from 'node:path'
import { BridgeError } from '../../bridge-error.js'
import { printable } from '../../ctl/text.js'
import type { NewKeyAnswer, TokenAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import { askLine } from '../ask-line.js'
import type { CommandContext, Terminal } from '../command.js'
import { jsonText } from '../json-text.js'
import { pemText } from '../pem-text.js'
import { refuseUnwritable, writeOutputFile } from '../write-output-file.js'
import { readTokenPin } from './read-pin.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, switches, terminal } = context
  const [serial = ''] = operands
  const api = await openApi(context)
  const path = `/v1/tokens/${encodeURIComponent(serial)}`
  const token = await api.getJson<TokenAnswer>(path)
  const out = values.request === undefined ? undefined : resolve(values.request)
  if (out !== undefined) await refuseUnwritable(out)
  terminal.note(warningText(token))
  if (!switches.has('yes')) await confirm(serial)
  const source = { file: values['pin-file'], descriptor: values['pin-fd'] }
  const pin = await readTokenPin(token, source, `PIN of token ${printable(serial)}: `, terminal)
  terminal.note('If the PIN is right, the token makes its key; that may take minutes …\n')
  const made = await api.postJson<NewKeyAnswer>(`${path}/keys`, {
    pin,
    finalTry: switches.has('final-try'),
    repeatPin: switches.has('repeat-pin'),
    bits: Number(values.bits ?? '2048'),
    commonName: values.name,
    organization: values.organization,
    organizationalUnit: values.unit,
    days: wholeDays(values.days),
    want: out === undefined ? 'self-signed' : 'request',
  })
  if (out !== undefined) await writeRequest(out, pemText('CERTIFICATE REQUEST', made.der), terminal)
  if (terminal.json) terminal.print(jsonText({ ...made, ...(out === undefined ? {} : { file: out }) }, 2))
  else terminal.print(doneText(serial, made.keyId, out))
  return 0
}

/** The daemon tells the request once: where it cannot be written it is shown. */
async function writeRequest(out: string, pem: string, terminal: Terminal): Promise<void> {
  await writeOutputFile(out, Buffer.from(pem)).catch((error: unknown) => {
    terminal.note(pem)
    throw error
  })
}

function warningText({ serial, label, manufacturer, model, certificates }: TokenAnswer): string {
  const lines = [
    `Token ${serial} (${label}, ${manufacturer} ${model}) gets a new RSA key.`,
    `Certificates on it now: ${certificates.length}. Nothing on it is changed or removed.`,
    'The key never leaves the token: it cannot be copied to a second one. Make a key on another token as well,',
    'list both in the CTL, and keep them apart.',
  ]
  return `${lines.map(printable).join('\n')}\n`
}

async function confirm(serial: string): Promise<void> {
  const typed = await askLine('Type the serial of the token to go on: ')
  if (typed.trim() !== serial) throw new BridgeError('USAGE', 'The serial was not typed; nothing was done.')
}

function wholeDays(text = '3650'): number {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new BridgeError('USAGE', `ctl-bridge token provision: --days takes a whole number, not ${text}.`)
}

function doneText(serial: string, keyId: string, out: string | undefined): string {
  const next =
    out === undefined
      ? 'Its certificate is on the token. `ctl-bridge tokens` shows it.'
      : `The request is in ${out}. Let your authority sign it, then: ctl-bridge token certificate ${serial} FILE`
  return `Key ${keyId} was made.\n${printable(next)}\n`
}
