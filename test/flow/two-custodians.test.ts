/** Two machines: one has the cluster's file, the other the token. What goes between them is two text files. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { composeCtl } from '../../daemon/trust/compose/compose-ctl.js'
import { describeCtlFile } from '../../daemon/trust/show/describe-ctl-file.js'
import { type DaemonProcess, startDaemonProcess, startDaemonWith } from '../../demo/daemon-process.js'
import { makeTokenlessCtl } from '../../demo/tokenless-ctl.js'
import { makeSastToken, type SastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { makeSofthsm, softhsmModule } from '../../softhsm/tokens-folder.js'
import { runCommand } from '../cli/run-command.js'
import { answerOnTerminal } from '../cli/run-on-terminal.js'
import { opensslSays } from '../trust/openssl-says.js'
import { ask } from './bench.js'

interface Machine {
  readonly folder: string
  daemon: DaemonProcess
  readonly token: SastToken
}

let root = ''
let here: Machine
let there: Machine
let draft: Uint8Array

async function machine(name: string): Promise<Machine> {
  const folder = join(root, name)
  await mkdir(folder)
  const softhsm = join(folder, 'softhsm')
  await makeSofthsm(softhsm)
  const token = await makeSastToken({ folder: softhsm, label: name, bits: 1024 })
  await writeFile(join(folder, 'pin'), `${TEST_PIN}\n`, { mode: 0o600 })
  return { folder, token, daemon: await startDaemonProcess(folder, softhsmModule(softhsm), 0) }
}

test.before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ctl-bridge-two-'))
  here = await machine('here')
  there = await machine('there')
  draft = composeCtl({
    base: await makeTokenlessCtl(1_425_675_365),
    profile: 'cucm-cli',
    digest: 'sha1',
    timestamp: 1_425_675_400,
    signer: there.token.certificate,
    records: [
      { certificate: there.token.certificate, kind: 'token', function: 0 },
      { certificate: here.token.certificate, kind: 'token', function: 0 },
      { base: 2 },
    ],
  })
  await writeFile(at(here, 'draft.tlv'), draft)
})
test.after.always(async () => {
  await here?.daemon.stop()
  await there?.daemon.stop()
  await rm(root, { recursive: true, force: true })
})

const at = ({ folder }: Machine, name: string): string => join(folder, name)
const on = ({ daemon }: Machine): string[] => ['--config', daemon.settings]
const carry = async (from: Machine, to: Machine, name: string): Promise<void> =>
  writeFile(at(to, name), await readFile(at(from, name)))
const signArgs = (...more: string[]): string[] => [
  'request',
  'sign',
  at(there, 'request.txt'),
  '--token',
  there.token.serial,
  ...on(there),
  ...more,
]

test.serial(
  'by command: make here, sign there, complete here; openssl alone verifies the file',
  async (t) => {
    // Without a daemon: the settings name a socket that nobody serves.
    const alone = ['--config', at(here, 'none.toml')]
    await writeFile(at(here, 'none.toml'), `[http]\nsocket = "${at(here, 'none.sock')}"\n`)
    const make = ['request', 'make', at(here, 'draft.tlv'), '--out', at(here, 'request.txt')]
    const made = await runCommand([...make, '--from', 'Anna', ...alone])
    t.is(made.code, 0, made.stderr)
    await carry(here, there, 'request.txt')

    const shown = await runCommand(['request', 'show', at(there, 'request.txt'), '--json', ...alone])
    t.like(JSON.parse(shown.stdout), { from: 'Anna', digest: 'sha1', file: { length: draft.length } })

    const look = ['request', 'show', at(there, 'request.txt'), '--draft', at(there, 'draft.tlv'), ...alone]
    t.is((await runCommand(look)).code, 0)
    t.deepEqual(await readFile(at(there, 'draft.tlv')), Buffer.from(draft))

    const out = ['--yes', '--pin-file', at(there, 'pin'), '--out', at(there, 'answer.txt')]
    const signed = await runCommand(signArgs(...out))
    t.is(signed.code, 0, signed.stderr)
    t.regex(signed.stderr, /from +Anna/)
    await carry(there, here, 'answer.txt')

    const done = at(here, 'CTLFile.tlv')
    const complete = ['request', 'complete', at(here, 'request.txt'), at(here, 'answer.txt'), '--out', done]
    const completed = await runCommand([...complete, ...alone])
    t.is(completed.code, 0, completed.stderr)
    t.regex(completed.stdout, /: VALID, \d+ bytes/)
    const file = await readFile(done)
    t.is(opensslSays(file, there.token.certificate, 'sha1'), 'Verified OK')
    t.is(describeCtlFile(file).records.length, 3)
  },
)

test.serial('the token is asked once, after the audit log was, and is locked again', async (t) => {
  const { key } = there.daemon
  const { json } = await ask(there.daemon.url, '/v1/audit', { key })
  const rows = json.entries.filter(({ action }: { action: string }) => action === 'request.sign')
  t.deepEqual(
    rows.map(({ phase, outcome }: { phase: string; outcome?: string }) => [phase, outcome]),
    [
      ['intent', undefined],
      ['outcome', 'ok'],
    ],
  )
  t.like(rows[1].facts, { token: there.token.serial, from: 'Anna' })
  const tokens = await ask(there.daemon.url, '/v1/tokens', { key })
  t.true(tokens.json.tokens.every(({ lease }: { lease: unknown }) => lease === null))
})

test.serial('the custodian sees what is to be signed, and may say no before the PIN', async (t) => {
  const out = ['--out', at(there, 'never.txt')]
  const refused = await answerOnTerminal(signArgs(...out), [{ question: 'Type yes: ', keys: 'no\r' }])
  t.regex(refused, /System Administrator Security Token/)
  t.regex(refused, /Not confirmed/)
  t.false(refused.includes('PIN of token'))
  const screen = await answerOnTerminal(signArgs('--out', at(there, 'typed.txt')), [
    { question: 'Type yes: ', keys: 'yes\r' },
    { question: 'PIN of token', keys: `${TEST_PIN}\r` },
  ])
  t.regex(screen, /Signed and verified/)
  t.false(screen.includes(TEST_PIN))
  t.false((await readdir(there.folder)).includes('never.txt'))
})

test.serial(
  'what is wrong with a request is found before the PIN is used, and leaves no answer',
  async (t) => {
    const text = await readFile(at(there, 'request.txt'), 'utf8')
    const files: Record<string, string> = {
      tampered: text.replace('Digest: sha1', 'Digest: sha512'),
      broken: text.slice(0, text.length - 300),
      other: '-----BEGIN PGP MESSAGE-----',
    }
    for (const [name, content] of Object.entries(files)) await writeFile(at(there, name), content)
    const unlocks = async (): Promise<number> => {
      const { json } = await ask(there.daemon.url, '/v1/audit?limit=1000', { key: there.daemon.key })
      return json.entries.filter(({ action }: { action: string }) => action === 'token.unlock').length
    }
    const before = await unlocks()
    const run = (file: string, more: string[], on_ = there) =>
      runCommand([
        ...['request', 'sign', file, '--out', at(there, 'never.txt'), '--yes', '--json'],
        ...['--pin-file', at(there, 'pin'), ...on(on_), ...more],
      ])
    const mine = ['--token', there.token.serial]
    const cases: [Promise<{ code: number | null; stdout: string }>, string, number][] = [
      [run(at(there, 'tampered'), mine), 'REQUEST_TAMPERED', 1],
      [run(at(there, 'broken'), mine), 'REQUEST_MALFORMED', 1],
      [run(at(there, 'other'), mine), 'REQUEST_MALFORMED', 1],
      [run(at(there, 'request.txt'), ['--token', 'feed']), 'TOKEN_UNKNOWN', 3],
      [run(at(there, 'request.txt'), ['--token', here.token.serial], here), 'REQUEST_FOR_OTHER_SIGNER', 3],
    ]
    for (const [running, code, exit] of cases) {
      const { code: ended, stdout } = await running
      t.is(JSON.parse(stdout).problem.code, code)
      t.is(ended, exit, code)
    }
    t.is(await unlocks(), before)
    t.false((await readdir(there.folder)).includes('never.txt'))
  },
)

test.serial('an answer to another request, or a changed one, leaves the file as it was', async (t) => {
  const out = at(here, 'kept.tlv')
  await writeFile(out, 'as it was')
  const other = ['request', 'make', at(here, 'draft.tlv'), '--out', at(here, 'other.txt'), '--from', 'Eve']
  t.is((await runCommand(other)).code, 0)
  const answer = await readFile(at(here, 'answer.txt'), 'utf8')
  await writeFile(
    at(here, 'changed.txt'),
    answer.replace(/^[A-Za-z0-9+/]{60}/m, (row) => `A${row.slice(1)}`),
  )
  for (const [request, reply, code] of [
    ['other.txt', 'answer.txt', 'ANSWER_FOR_OTHER_REQUEST'],
    ['request.txt', 'changed.txt', 'ANSWER_MALFORMED'],
    ['request.txt', 'request.txt', 'ANSWER_MALFORMED'],
    ['answer.txt', 'answer.txt', 'REQUEST_MALFORMED'],
  ] as const) {
    const args = ['request', 'complete', at(here, request), at(here, reply), '--out', out, '--json']
    const { code: exit, stdout } = await runCommand(args)
    t.is(JSON.parse(stdout).problem.code, code)
    t.is(exit, 1)
  }
  t.is(await readFile(out, 'utf8'), 'as it was')
})

test.serial('over HTTP: a request waits through a restart, and its answer gives the file', async (t) => {
  const { key } = here.daemon
  const asked = { key, method: 'POST', headers: { 'Content-Type': 'application/octet-stream' } }
  const made = await ask(here.daemon.url, '/v1/signing-requests?from=Anna', { ...asked, body: draft })
  t.is(made.status, 200)
  t.like(made.json, { state: 'open', from: 'Anna', madeBy: { name: 'first' } })
  const path = `/v1/signing-requests/${made.json.id}`
  await here.daemon.stop()
  here.daemon = await startDaemonWith(here.daemon.settings)

  const { url } = here.daemon
  const list = await ask(url, '/v1/signing-requests', { key })
  t.deepEqual(
    list.json.requests.map(({ id }: { id: string }) => id),
    [made.json.id],
  )
  t.is((await ask(url, `${path}/file`, { key })).json.code, 'REQUEST_UNKNOWN')
  const text = (await ask(url, path, { key, headers: { Accept: 'text/plain' } })).bytes

  const plain = { 'Content-Type': 'text/plain; charset=utf-8', Accept: 'text/plain' }
  const there_ = { key: there.daemon.key, method: 'POST', headers: plain, body: text }
  const inspected = await ask(there.daemon.url, '/v1/signing-requests/inspect', {
    ...there_,
    headers: { 'Content-Type': 'text/plain' },
  })
  t.is(inspected.json.id, made.json.id)
  const sign = `/v1/signing-requests/sign?token=${there.token.serial}`
  t.is((await ask(there.daemon.url, sign, there_)).status, 409)
  const unlock = { key: there.daemon.key, method: 'POST', json: { pin: TEST_PIN, seconds: 60, uses: 2 } }
  t.is((await ask(there.daemon.url, `/v1/tokens/${there.token.serial}/unlock`, unlock)).status, 200)
  const answer = await ask(there.daemon.url, sign, there_)
  t.is(answer.status, 200, String(answer.bytes))

  const bring = { key, method: 'POST', headers: { 'Content-Type': 'text/plain' } }
  const wrong = String(answer.bytes).replace('Signed by: ', 'Signed by: not ')
  t.is((await ask(url, `${path}/signature`, { ...bring, body: wrong })).json.code, 'ANSWER_MALFORMED')
  t.is((await ask(url, path, { key })).json.state, 'open')
  const signed = await ask(url, `${path}/signature`, { ...bring, body: answer.bytes })
  t.is(signed.status, 200)
  t.is(opensslSays(signed.bytes, there.token.certificate, 'sha1'), 'Verified OK')
  t.like((await ask(url, path, { key })).json, { state: 'signed', answeredBy: { name: 'first' } })
  t.deepEqual((await ask(url, `${path}/file`, { key })).bytes, signed.bytes)
  t.deepEqual((await ask(url, `${path}/signature`, { ...bring, body: answer.bytes })).bytes, signed.bytes)
  const log = await ask(url, '/v1/audit?limit=1000', { key })
  t.deepEqual(
    log.json.entries
      .filter(({ action }: { action: string }) => action.startsWith('request.'))
      .map((row: { action: string; outcome?: string }) => `${row.action} ${row.outcome ?? 'intent'}`),
    ['request.make intent', 'request.make ok', 'request.complete intent', 'request.complete ok'],
  )
  const events = await firstEvents(url, key)
  t.deepEqual(events, ['request.signed'])
  t.is((await ask(url, '/v1/signing-requests/feed', { key })).json.code, 'REQUEST_UNKNOWN')
})

/** Types of the events of requests since the daemon started, read until one has come. */
async function firstEvents(url: string, key: string): Promise<string[]> {
  const { boot } = (await ask(url, '/v1/status', { key })).json
  const headers = { Authorization: `Bearer ${key}`, 'Last-Event-ID': `${boot}-0` }
  const stop = new AbortController()
  const stream = await fetch(`${url}/v1/events`, { headers, signal: stop.signal })
  let text = ''
  const types = (): string[] => [...text.matchAll(/^event: (request\.\w+)\n/gm)].map(([, type = '']) => type)
  for await (const part of stream.body ?? []) {
    text += Buffer.from(part).toString('utf8')
    if (types().length > 0) break
  }
  stop.abort()
  return types()
}
