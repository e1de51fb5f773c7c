/** `ctl-bridge token certificate SERIAL FILE`: writes an issued certificate beside its key. */
import { printable } from '../../ctl/text.js'
import type { TokenAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { readCertificateFile } from '../read-certificate-file.js'
import { readTokenPin } from './read-pin.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, switches, terminal } = context
  const [serial = '', file = ''] = operands
  const { subject, der } = await readCertificateFile(file)
  const api = await openApi(context)
  const path = `/v1/tokens/${encodeURIComponent(serial)}`
  const before = await api.getJson<TokenAnswer>(path)
  const source = { file: values['pin-file'], descriptor: values['pin-fd'] }
  const pin = await readTokenPin(before, source, `PIN of token ${printable(serial)}: `, terminal)
  const token = await api.postJson<TokenAnswer>(`${path}/certificates`, {
    pin,
    finalTry: switches.has('final-try'),
    repeatPin: switches.has('repeat-pin'),
    certificate: Buffer.from(der).toString('base64'),
  })
  if (terminal.json) terminal.print(jsonText(token, 2))
  else terminal.print(`Token ${printable(serial)} holds the certificate of ${printable(subject)} now.\n`)
  return 0
}
