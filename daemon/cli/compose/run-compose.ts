/** `ctl-bridge compose`: a new CTL from an old one, certificates and tokens; unsigned, or signed by a token. */
import { resolve } from 'node:path'
import { BridgeError } from '../../bridge-error.js'
import { type CtlFile, decodeCtlFile } from '../../ctl/ctl-file.js'
import type { RecordProfileName } from '../../ctl/record-profiles.js'
import { printable } from '../../ctl/text.js'
import type { CompositionMode } from '../../trust/compose/arrange-sast.js'
import { type Composition, type CompositionRequest, compose } from '../../trust/compose/composition.js'
import { isFromBase } from '../../trust/compose/wanted-record.js'
import { describeCtlFile } from '../../trust/show/describe-ctl-file.js'
import type { VerdictReport } from '../../verdict-report.js'
import type { StatusAnswer, TokenAnswer, TokenListAnswer } from '../answers.js'
import { type ApiClient, openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { verdictText } from '../ctl/verdict-text.js'
import { jsonText } from '../json-text.js'
import { readCertificateFile } from '../read-certificate-file.js'
import { readInputFile } from '../read-input-file.js'
import { tryOutputFile, writeOutputFile } from '../write-output-file.js'
import { type ComposeWishes, readWishes } from './compose-wishes.js'
import { compositionTable, findingLines } from './composition-text.js'
import { type ComposePlan, planCompose } from './plan-compose.js'
import { tokenSource } from './plan-sign.js'
import { signDraft } from './sign-draft.js'

export async function run(context: CommandContext): Promise<number> {
  const { operands, values, switches, terminal } = context
  checkOptions(context)
  const bytes = operands[0] === undefined ? undefined : await readInputFile(operands[0])
  const base = bytes && decodeCtlFile(bytes)
  const wishes = readWishes(context, base?.records.length ?? 0)
  const certificates = await readCertificates(wishes)
  const daemon = await reachTokens(context)
  const plan = planCompose(wishes, {
    base,
    certificates,
    tokens: daemon?.certificates ?? [],
    layout: switches.has('convert') ? 'profile' : 'own',
  })
  const composition = compose(toRequest(context, wishes, plan, bytes), new Date())
  const table = tableText(composition, plan, base)
  if (!terminal.json) terminal.print(table)
  if (switches.has('dry-run')) return finish(context, composition, undefined)

  const out = resolve(values.out ?? '')
  const token = values.token
  if (daemon === undefined || token === undefined) {
    await tryOutputFile(out, composition.draft.length)
    await writeOutputFile(out, composition.draft)
    return finish(context, composition, { out, bytes: composition.draft })
  }
  if (terminal.json) terminal.note(table)
  const { signed, report } = await signDraft(context, { ...daemon, token, draft: composition.draft, out })
  return finish(context, composition, { out, bytes: signed, report })
}

const usage = (detail: string): BridgeError => new BridgeError('USAGE', `ctl-bridge compose: ${detail}`)

function checkOptions({ operands, values, lists, switches }: CommandContext): void {
  const given = (name: string) => values[name] !== undefined
  if (!given('out') && !switches.has('dry-run')) throw usage('--out FILE is missing, or --dry-run.')
  if (given('release') && !given('mode')) throw usage('--release needs --mode.')
  if (given('mode') && !given('release') && values.mode !== 'non-secure')
    throw usage(`--mode ${values.mode} needs --release.`)
  if (given('token') && given('signer'))
    throw usage('--token names the signer; --signer is for a file that is left unsigned.')
  const pinOption = ['pin-file', 'pin-fd', 'certificate'].find(given)
  if (!given('token') && pinOption) throw usage(`--${pinOption} needs --token.`)
  const adds = ['add', 'stub', 'with-token'].some((name) => (lists[name] ?? []).length > 0)
  if (operands.length === 0 && !adds && !given('token'))
    throw usage('there is neither BASE nor anything to add.')
  if (operands.length === 0 && switches.has('convert')) throw usage('--convert needs BASE.')
}

async function readCertificates(wishes: ComposeWishes): Promise<Map<string, Uint8Array>> {
  const signer = wishes.signer && 'file' in wishes.signer ? [wishes.signer.file] : []
  const found = new Map<string, Uint8Array>()
  for (const file of new Set([
    ...wishes.add.map(({ file }) => file),
    ...wishes.replace.values(),
    ...signer,
  ])) {
    found.set(file, (await readCertificateFile(file)).der)
  }
  return found
}

interface ReachedTokens {
  readonly api: ApiClient
  readonly key: StatusAnswer['key']
  readonly tokens: readonly TokenAnswer[]
  /** Of the tokens that were named, the signer's first. */
  readonly certificates: readonly Uint8Array[]
}

/** The daemon is needed only where a token is named. */
async function reachTokens(context: CommandContext): Promise<ReachedTokens | undefined> {
  const { values, lists } = context
  const serials = [...new Set([values.token ?? [], lists['with-token'] ?? []].flat())]
  if (serials.length === 0) return undefined
  const api = await openApi(context)
  const { key } = await api.getJson<StatusAnswer>('/v1/status')
  const { tokens } = await api.getJson<TokenListAnswer>('/v1/tokens')
  const certificates: Uint8Array[] = []
  for (const serial of serials) {
    const wanted = serial === values.token ? values.certificate : undefined
    const { certificate } = tokenSource(tokens, serial, wanted)
    const path = `/v1/tokens/${encodeURIComponent(serial)}/certificates/${certificate}`
    certificates.push(new Uint8Array(await api.getFile(path, 'application/pkix-cert')))
  }
  return { api, key, tokens, certificates }
}

function toRequest(
  { values, switches }: CommandContext,
  wishes: ComposeWishes,
  { records, signer }: ComposePlan,
  base: Uint8Array | undefined,
): CompositionRequest {
  const { release } = values
  const profile = values.profile as RecordProfileName | undefined
  const digest = values.digest as 'sha1' | 'sha512' | undefined
  const mode = values.mode as CompositionMode | undefined
  const fileName = values['file-name']
  return {
    records,
    timestamp: wishes.timestamp ?? Math.floor(Date.now() / 1000),
    keepHeader: !switches.has('convert'),
    force: switches.has('force'),
    ...(base && { base }),
    ...(signer && { signer }),
    ...(profile && { profile }),
    ...(digest && { digest }),
    ...(mode && { mode }),
    ...(release !== undefined && { release }),
    ...(fileName !== undefined && { fileName }),
  }
}

function tableText(
  { draft, rows, findings, records }: Composition,
  plan: ComposePlan,
  base: CtlFile | undefined,
): string {
  const names = new Map(
    records.flatMap((record, index) => {
      const name = isFromBase(record) ? undefined : plan.names.get(record)
      return name === undefined ? [] : [[index + 1, name] as const]
    }),
  )
  const from = base === undefined ? '' : `${base.records.length} records → `
  const count = rows.filter(({ number }) => number !== undefined).length
  return `${from}${count} records, ${draft.length} bytes\n${compositionTable(rows, names)}${findingLines(findings)}`
}

function finish(
  { terminal }: CommandContext,
  { draft, rows, findings }: Composition,
  written: { readonly out: string; readonly bytes: Uint8Array; readonly report?: VerdictReport } | undefined,
): number {
  const bytes = written?.bytes ?? draft
  if (terminal.json) {
    const { sha1, sha256, signer, digest, unsigned } = describeCtlFile(bytes)
    const file = written === undefined ? {} : { file: written.out }
    const facts = { bytes: bytes.length, sha1, sha256, unsigned, signer, digest }
    terminal.print(jsonText({ ...file, ...facts, records: rows, findings }, 2))
  } else if (written === undefined) terminal.print('Nothing was written (--dry-run).\n')
  else if (written.report !== undefined) {
    // What is to be known of the file stands under the table already.
    terminal.print(verdictText(written.out, bytes.length, { ...written.report, findings: [] }))
  } else {
    const file = printable(written.out)
    terminal.print(`${file}: unsigned, ${bytes.length} bytes. Look at it (show), then sign it (sign).\n`)
  }
  return 0
}
