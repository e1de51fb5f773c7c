/** `ctl-bridge sgn sign`: sign a configuration file, verify it here, and only then write it. */
import { basename, resolve } from 'node:path'
import { BridgeError } from '../../bridge-error.js'
import { sameBytes } from '../../ctl/bytes.js'
import type { SgnLayoutName } from '../../ctl/compose-sgn.js'
import { CtlError } from '../../ctl/ctl-error.js'
import { fileNameOf } from '../../ctl/header-fields.js'
import { decodeSgnFile, MAX_SGN_BYTES } from '../../ctl/sgn-file.js'
import type { CtlDigest } from '../../ctl/tags.js'
import { printable } from '../../ctl/text.js'
import { composeSgn } from '../../trust/sgn/compose-sgn.js'
import { findSgnSigner, type SgnTrust } from '../../trust/sgn/sgn-signer.js'
import { verifySgnFile } from '../../trust/sgn/verify-sgn-file.js'
import type { StatusAnswer, TokenAnswer, TokenListAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { checkSigner, checkToken } from '../compose/check-sign.js'
import { jsonText } from '../json-text.js'
import { readInputFile } from '../read-input-file.js'
import { withTokenUnlocked } from '../token/with-token-unlocked.js'
import { tryOutputFile, writeOutputFile } from '../write-output-file.js'
import { sgnVerdictText } from './sgn-verdict-text.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, terminal } = context
  const { out, name } = outputOf(operands[0] ?? '', values.out, values.name)
  const payload = await readInputFile(operands[0] ?? '', MAX_SGN_BYTES)
  const trust = values.trust === undefined ? undefined : { trust: await readInputFile(values.trust) }
  const digest = (values.digest as CtlDigest | undefined) ?? 'sha1'
  const layout = (values.layout as SgnLayoutName | undefined) ?? 'certutils'
  const api = await openApi(context)
  const { key } = await api.getJson<StatusAnswer>('/v1/status')
  const { tokens } = await api.getJson<TokenListAnswer>('/v1/tokens')
  const token = checkToken(values.token ?? '', tokens, key)
  const sha256 = chooseCertificate(token, values.certificate)
  const path = `/v1/tokens/${encodeURIComponent(token.serial)}/certificates/${sha256}`
  const certificate = await api.getFile(path, 'application/pkix-cert')

  // The daemon composes its own; this one shows what would be refused before a PIN is asked for.
  const draft = composeSgn({ layout, digest, timestamp: 0, fileName: name, certificate, payload })
  if (trust !== undefined) findSgnSigner(decodeSgnFile(draft), trust)
  await tryOutputFile(out, draft.length)
  const what = `To be signed by token ${token.serial}: ${name}, ${payload.length} bytes`
  terminal.note(`${printable(what)}\n`)
  const query = new URLSearchParams({ token: token.serial, name, digest, layout, certificate: sha256 })
  const signed = await withTokenUnlocked(context, api, token, () =>
    api.postFile(`/v1/configuration/sign?${query}`, payload),
  )
  refuseOther(signed, payload, name, { certificate })
  const verdict = verifySgnFile(signed, trust ?? { certificate }, { name: basename(out), at: new Date() })
  if (verdict.problem) throw new CtlError(verdict.problem.code, verdict.problem.detail, verdict.problem.at)
  await writeOutputFile(out, signed)
  if (terminal.json) {
    terminal.print(jsonText({ file: out, bytes: signed.length, ...verdict }, 2))
  } else terminal.print(sgnVerdictText(out, signed.length, verdict))
  return 0
}

function outputOf(file: string, out: string | undefined, name: string | undefined) {
  if (file === '-' && out === undefined) {
    throw new BridgeError('USAGE', 'ctl-bridge sgn sign: --out FILE is missing; standard input has no name.')
  }
  const path = resolve(out ?? `${file}.sgn`)
  return { out: path, name: name ?? basename(path) }
}

function chooseCertificate(token: TokenAnswer, wanted: string | undefined): string {
  const fitting = token.certificates.filter(({ sha256, maySign }) =>
    wanted === undefined ? maySign : sha256 === wanted.toLowerCase(),
  )
  const [only, another] = fitting
  if (only === undefined || another !== undefined) {
    const which = only === undefined ? 'no such certificate that may sign' : 'several that may sign'
    const detail = `Token ${token.serial} has ${which}; name one with --certificate.`
    throw new BridgeError('CERTIFICATE_UNKNOWN', detail, { token: token.serial })
  }
  checkSigner(only.sha256, token)
  return only.sha256
}

/** What was given to be signed is what was signed. DAEMON_UNREACHABLE when it is another file. */
function refuseOther(signed: Uint8Array, payload: Uint8Array, name: string, against: SgnTrust): void {
  const { problem } = verifySgnFile(signed, against)
  if (problem !== undefined) throw new CtlError(problem.code, problem.detail, problem.at)
  const file = decodeSgnFile(signed)
  if (sameBytes(file.payload, payload) && fileNameOf(file) === name) return
  throw new BridgeError('DAEMON_UNREACHABLE', 'The answer is another file than the one to be signed.')
}
