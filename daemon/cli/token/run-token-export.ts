/** `ctl-bridge token export SERIAL`: its certificates as PEM or DER. */
import { resolve } from 'node:path'
import { BridgeError } from '../../bridge-error.js'
import { printable } from '../../ctl/text.js'
import type { TokenAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { writeOutputFile } from '../write-output-file.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, terminal } = context
  const [serial = ''] = operands
  const isDer = values.format === 'der'
  if (isDer && values.out === undefined) {
    throw new BridgeError('USAGE', 'ctl-bridge token export: DER is no text; say where it goes with --out.')
  }
  const api = await openApi(context)
  const path = `/v1/tokens/${encodeURIComponent(serial)}`
  const token = await api.getJson<TokenAnswer>(path)
  const chosen = choose(token, values.certificate, isDer)
  const type = isDer ? 'application/pkix-cert' : 'application/x-pem-file'
  const parts: Uint8Array[] = []
  for (const { sha256 } of chosen) parts.push(await api.getFile(`${path}/certificates/${sha256}`, type))
  const bytes = Buffer.concat(parts)
  if (values.out !== undefined) await writeOutputFile(resolve(values.out), bytes)
  if (terminal.json) {
    const certificates = chosen.map(({ sha256, subject }) => ({ sha256, subject }))
    const where = values.out === undefined ? { pem: bytes.toString('utf8') } : { file: resolve(values.out) }
    terminal.print(jsonText({ certificates, ...where }, 2))
  } else if (values.out === undefined) terminal.print(bytes.toString('utf8'))
  else terminal.print(chosen.map(({ subject }) => `${printable(subject ?? 'unreadable')}\n`).join(''))
  return 0
}

function choose({ serial, certificates }: TokenAnswer, sha256: string | undefined, isDer: boolean) {
  const chosen = certificates.filter(
    (held, index) =>
      (sha256 === undefined || held.sha256 === sha256.toLowerCase()) &&
      certificates.findIndex((other) => other.sha256 === held.sha256) === index,
  )
  if (chosen.length === 0) {
    throw new BridgeError('CERTIFICATE_UNKNOWN', `Token ${serial} has no such certificate.`, {
      token: serial,
    })
  }
  if (isDer && chosen.length > 1) {
    const detail = `Token ${serial} has ${chosen.length} certificates; name one with --certificate.`
    throw new BridgeError('CERTIFICATE_UNKNOWN', detail, { token: serial })
  }
  return chosen
}
