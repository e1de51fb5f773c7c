/** `ctl-bridge token pin SERIAL`: changes the PIN of a token. */
import { BridgeError } from '../../bridge-error.js'
import { printable } from '../../ctl/text.js'
import type { TokenAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { readPin, readTokenPin } from './read-pin.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, switches, terminal } = context
  const [serial = ''] = operands
  const api = await openApi(context)
  const path = `/v1/tokens/${encodeURIComponent(serial)}`
  // A token that is not known is found out before anybody types.
  const before = await api.getJson<TokenAnswer>(path)
  const name = printable(serial)
  const old = { file: values['pin-file'], descriptor: values['pin-fd'] }
  const pin = await readTokenPin(before, old, `PIN of token ${name} now: `, terminal)
  const newPin = pin === '' ? '' : await readNewPin(context, name)
  const request = { pin, newPin, repeatPin: switches.has('repeat-pin') }
  const token = await api.postJson<TokenAnswer>(`${path}/pin`, request)
  if (terminal.json) terminal.print(jsonText(token, 2))
  else terminal.print(`The PIN of token ${name} is changed.\n`)
  return 0
}

/** On the terminal twice, because nobody sees what he types. */
async function readNewPin({ values, terminal }: CommandContext, name: string): Promise<string> {
  const source = { file: values['new-pin-file'], descriptor: values['new-pin-fd'] }
  const newPin = await readPin(source, `New PIN of token ${name}: `, terminal)
  if (source.file !== undefined || source.descriptor !== undefined) return newPin
  const again = await readPin(source, 'The new PIN again: ', terminal)
  if (again === newPin) return newPin
  throw new BridgeError('PIN_UNAVAILABLE', 'The new PIN was typed in two ways; nothing was changed.')
}
