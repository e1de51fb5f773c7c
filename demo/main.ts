/** `npm run demo`: the main job, start to end, with SoftHSM in place of the USB tokens. */
import { createHash } from 'node:crypto'
import { access, constants, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { replaceFile } from '../daemon/store/sync-file.js'
import { makeSastToken, TEST_PIN } from '../softhsm/sast-token.js'
import { makeSofthsm, softhsmModule } from '../softhsm/tokens-folder.js'
import { Api, type Description, type Verdict } from './api.js'
import { beforeAfterTable } from './before-after.js'
import { type DaemonProcess, startDaemonProcess } from './daemon-process.js'
import { makeTokenlessCtl } from './tokenless-ctl.js'

const USAGE = `Usage: npm run demo [-- OPTIONS]

Makes two SoftHSM tokens and a tokenless CTL, and lets the daemon turn it into a CTL
signed by a token.

  --json FILE     write a summary: paths, checksums, signer, verified
  --folder DIR    where everything is kept (default: a new folder for temporary files)
  --serve         leave the daemon running until Ctrl-C, to try it by hand
  --port N        its TCP port (default: 8470 with --serve, else any free one)
  --help          show this
`

interface Outcome {
  readonly path: string
  readonly file: Uint8Array
  readonly description: Description
  readonly verdict: Verdict
}

const say = (text = ''): void => void process.stdout.write(`${text}\n`)
let step = 0
const heading = (text: string): void => {
  step += 1
  say(`\n${step}. ${text}`)
}

/** Ctrl-C or SIGTERM: the daemon must not outlive the demo. */
const asked = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => asked.abort())

class UsageError extends Error {}

const OPTIONS = {
  json: { type: 'string' },
  folder: { type: 'string' },
  serve: { type: 'boolean', default: false },
  port: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

function readArguments() {
  try {
    return parseArgs({ options: OPTIONS }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new UsageError(`--port takes a number up to 65535, not ${text}.`)
}

async function main(): Promise<number> {
  const { json, serve, ...given } = readArguments()
  if (given.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const port = portOf(given.port ?? (serve ? '8470' : '0'))
  if (json !== undefined) await access(dirname(resolve(json)), constants.W_OK)
  const folder = await prepareFolder(given.folder)
  say('ctl-bridge demo: from a tokenless CTL to one signed by a token.')
  await makeTokens(folder)
  const tokenless = await serveTokenless(folder)
  const module = softhsmModule(join(folder, 'softhsm'))
  const daemon = await startDaemonProcess(folder, module, port, asked.signal)
  try {
    const { before, after } = await story(daemon, folder, tokenless)
    if (json !== undefined) await writeSummary(resolve(json), before, after)
    const good = after.verdict.verdict === 'valid'
    say(good ? '\nThe result verified.' : '\nThe result did NOT verify.')
    say(`Everything is in ${folder}; delete it when you have seen enough.`)
    if (good && serve) await goOn(daemon, before.path)
    return good ? 0 : 1
  } finally {
    await daemon.stop()
  }
}

async function prepareFolder(wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return mkdtemp(join(tmpdir(), 'ctl-bridge-demo-'))
  const folder = resolve(wanted)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty; name a new folder.`)
  return folder
}

async function makeTokens(folder: string): Promise<void> {
  heading('Two tokens, made of files by SoftHSM, like the SAST eTokens that Cisco sold')
  const softhsm = join(folder, 'softhsm')
  await makeSofthsm(softhsm)
  for (const [label, commonName, bits] of [
    ['SAST token 1', 'SAST-ADN008580ef', 1024],
    ['SAST token 2', 'SAST-ADN008580f0', 2048],
  ] as const) {
    const { serial } = await makeSastToken({ folder: softhsm, label, commonName, bits })
    say(`   ${label}   serial ${serial}   RSA ${bits}   PIN ${TEST_PIN}, as delivered`)
  }
}

async function serveTokenless(folder: string): Promise<{ path: string; file: Uint8Array }> {
  heading('A tokenless CTL as CUCM 10.5 writes it, signed by the publisher')
  const path = join(folder, 'before', 'CTLFile.tlv')
  const file = await makeTokenlessCtl(Math.floor(Date.now() / 1000) - 86_400)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, file)
  say(`   ${path}   ${file.length} bytes`)
  return { path, file }
}

/** From here on everything goes through the daemon's HTTP API. */
async function story(
  daemon: DaemonProcess,
  folder: string,
  tokenless: { path: string; file: Uint8Array },
): Promise<{ before: Outcome; after: Outcome }> {
  const api = new Api(daemon.url, daemon.key)
  heading(`The daemon runs at ${daemon.url} and sees both tokens  (GET /v1/tokens)`)
  const tokens = (await api.tokens()).tokens.sort((a, b) => (a.label < b.label ? -1 : 1))
  for (const token of tokens) {
    const [certificate] = token.certificates
    const key = certificate?.key?.type === 'rsa' ? `RSA ${certificate.key.bits}` : 'no RSA key'
    say(
      `   ${token.serial}   ${token.label}   ${token.state}   ${key}   ${certificate?.maySign ? 'may sign' : 'may not sign'}`,
    )
    say(`      subject  ${certificate?.subject}`)
    say(`      issuer   ${certificate?.issuer}`)
  }
  const [first, second] = ['SAST token 1', 'SAST token 2'].map((label) =>
    tokens.find((token) => token.label === label),
  )
  if (first === undefined || second === undefined) throw new Error('The daemon does not see both tokens.')

  heading('What the phones trust now  (POST /v1/ctl/inspect)')
  const before = await judge(api, tokenless)
  say(indent(await api.show(tokenless.file)))

  heading('The token CTL, unsigned: both tokens SAST, servers and CAPF kept  (POST /v1/ctl/compose)')
  const kept = before.description.records.filter((record) => record.function !== 0)
  const draft = await api.compose({
    base: Buffer.from(tokenless.file).toString('base64'),
    profile: 'ctl-client',
    digest: 'sha1',
    signer: { token: first.serial },
    records: [
      { from: 'token', token: first.serial },
      { from: 'token', token: second.serial },
      ...kept.map((record) => ({ from: 'base', record: record.number })),
    ],
  })
  const { problem } = await api.verify(draft)
  say(`   ${draft.length} bytes in the layout of the CTL Client`)
  say(`   ${problem?.code}: ${problem?.detail}`)

  heading(`Unlock ${first.label} and sign  (POST …/unlock, POST /v1/ctl/sign?token=${first.serial})`)
  await api.unlock(first.serial, TEST_PIN)
  const file = await api.sign(first.serial, draft)
  await api.lock(first.serial)
  say(`   ${file.length} bytes; the daemon verified them before they left it, and wrote its audit log`)

  heading('What the phones will trust  (POST /v1/ctl/verify)')
  const path = join(folder, 'CTLFile.tlv')
  const after = await judge(api, { path, file })
  say(indent(await api.show(file)))
  if (after.verdict.verdict === 'valid') await replaceFile(path, file, 0o644)

  say(`\n${beforeAfterTable(before, after)}\n`)
  say(`  before  ${before.path}`)
  say(`  after   ${after.path}`)
  return { before, after }
}

async function judge(api: Api, { path, file }: { path: string; file: Uint8Array }): Promise<Outcome> {
  return { path, file, description: await api.inspect(file), verdict: await api.verify(file) }
}

async function writeSummary(file: string, before: Outcome, after: Outcome): Promise<void> {
  const side = ({ path, file: bytes, description, verdict }: Outcome) => ({
    path,
    bytes: bytes.length,
    md5: description.md5,
    sha1: description.sha1,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    signer: verdict.signer ?? null,
    verified: verdict.verdict === 'valid',
  })
  const summary = {
    before: side(before),
    after: side(after),
    signer: after.verdict.signer ?? null,
    verified: after.verdict.verdict === 'valid',
  }
  await replaceFile(file, Buffer.from(`${JSON.stringify(summary, null, 2)}\n`), 0o644)
}

/** Until the person ends it. */
async function goOn(daemon: DaemonProcess, tokenless: string): Promise<void> {
  say(`
The daemon goes on at ${daemon.url}; Ctrl-C stops it. In another terminal, in the clone:

  export CTL_BRIDGE_CONFIG=${daemon.settings}
  alias ctl-bridge='npm run -s ctl-bridge --'
  ctl-bridge tokens
  ctl-bridge sign ${tokenless} --token SERIAL --out signed.tlv
  curl -H "Authorization: Bearer $(ctl-bridge key)" ${daemon.url}/v1/status
`)
  const stopped = new Promise<void>((resolve) => {
    asked.signal.addEventListener('abort', () => resolve())
  })
  await Promise.race([stopped, daemon.ended])
  if (!asked.signal.aborted) throw new Error('The daemon ended by itself.')
}

const indent = (text: string): string =>
  text
    .trimEnd()
    .replaceAll(/^/gm, '   | ')
    .replaceAll(/^ {3}\| $/gm, '   |')

try {
  process.exitCode = await main()
} catch (error) {
  const reason = asked.signal.aborted ? 'Stopped.' : (error as Error).message
  const hint = error instanceof UsageError ? '\nnpm run demo -- --help tells more.' : ''
  process.stderr.write(`demo: ${reason}${hint}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
