/** `/v1/ctl/verify` and `/v1/ctl/diff` through the application, which need no token. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { pino } from 'pino'
import { makeApp } from '../../daemon/http/app.js'
import { type Listeners, listen } from '../../daemon/http/listen.js'
import { diffSchema, verdictSchema } from '../../daemon/http/schemas/ctl-schemas.js'
import { composeCtl } from '../../daemon/trust/compose/compose-ctl.js'
import { documentedRoutes } from '../docs/documented-routes.js'
import { type Ask, ask } from '../flow/bench.js'
import { issue } from '../trust/openssl-authority.js'
import * as tac from '../trust/tac-cluster.js'
import { realFile } from '../vectors/real-file.js'

let listeners: Listeners
let folder = ''
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-judging-'))
  const app = makeApp({
    routes: documentedRoutes(),
    keys: { find: async (name) => ({ keyId: name, name, scopes: ['read'] }) },
    allowedHosts: ['127.0.0.1'],
    log: pino({ level: 'silent' }),
    now: Date.now,
    isStopping: () => false,
  })
  listeners = await listen(app, { socket: join(folder, 'api.sock'), port: 0 })
})
test.after.always(async () => {
  await listeners?.close(0)
  await rm(folder, { recursive: true, force: true })
})

const call = (path: string, asked: Ask) =>
  ask(`http://127.0.0.1:${listeners.port}`, path, { key: 'reader', method: 'POST', ...asked })
const postFile = (path: string, body: Uint8Array) =>
  call(path, { body, headers: { 'Content-Type': 'application/octet-stream' } })
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

const root = issue({ subject: '/O=Test/CN=Root', authority: true })
const namesake = issue({ subject: '/O=Test/CN=Root', authority: true })
const leaf = issue({ subject: '/CN=leaf' }, root)
const draft = composeCtl({
  profile: 'cucm-cli',
  digest: 'sha1',
  timestamp: 1,
  signer: leaf.der,
  records: [{ certificate: leaf.der, kind: 'server', function: 0, dnsName: 'pub' }],
})
const file = tac.signDraft(draft, leaf.key, 'sha1')

interface Told {
  readonly findings: readonly { readonly code: string; readonly severity: string }[]
}
const codes = ({ json }: { json: Told }) => json.findings.map(({ code }) => code)

test('at, release and strict are query parameters, and the answer is as its schema says', async (t) => {
  const plain = await postFile('/v1/ctl/verify', realFile())
  t.is(verdictSchema.safeParse(plain.json).error, undefined)
  t.true(plain.json.passed)
  const strict = await postFile('/v1/ctl/verify?strict=true', realFile())
  t.is(strict.json.verdict, 'valid')
  t.false(strict.json.passed)
  const later = await postFile('/v1/ctl/verify?at=2050-01-01', realFile())
  t.true(codes(later).includes('CERTIFICATE_EXPIRED'))
  t.false(
    codes(await postFile('/v1/ctl/verify?at=2026-01-01T00:00:00Z', realFile())).includes(
      'CERTIFICATE_EXPIRED',
    ),
  )
  const release = await postFile('/v1/ctl/verify?release=12.5(1)', file)
  t.true(codes(release).includes('ROLE_MISSING'))
})

test('a query parameter that says nothing is refused by its name', async (t) => {
  for (const [query, name] of [
    ['at=tomorrow', 'at'],
    ['at=2026-02-31', 'at'],
    ['release=ten', 'release'],
    ['release=7.1', 'release'],
    ['strict=perhaps', 'strict'],
    ['roots=x', 'roots'],
  ]) {
    const { status, json } = await postFile(`/v1/ctl/verify?${query}`, file)
    t.is(status, 422, query)
    t.is(json.code, 'BODY_INVALID')
    t.true(json.detail.includes(name), json.detail)
  }
})

test('with roots the file comes as JSON', async (t) => {
  const judge = (roots: Uint8Array[], query = '') =>
    call(`/v1/ctl/verify${query}`, { json: { file: base64(file), roots: roots.map(base64) } })
  const right = await judge([root.der])
  t.is(verdictSchema.safeParse(right.json).error, undefined)
  t.is(right.json.verdict, 'valid')
  t.is(right.json.chains[0].chain, 'root')
  const forged = await judge([namesake.der])
  t.is(forged.json.verdict, 'invalid')
  t.is(forged.json.problem.code, 'CTL_CHAIN_BROKEN')
  t.like(forged.json.findings[0], { code: 'CTL_CHAIN_BROKEN', severity: 'error', record: 1 })
  t.true(codes(await judge([root.der], '?at=2060-01-01')).includes('CERTIFICATE_EXPIRED'))
  t.is((await call('/v1/ctl/verify', { json: { file: base64(file) } })).json.chains, undefined)
})

test('a root that is no certificate, and a body of another kind, are refused', async (t) => {
  const wrong = await call('/v1/ctl/verify', { json: { file: base64(file), roots: ['AAAA'] } })
  t.is(wrong.status, 422)
  t.is(wrong.json.code, 'CTL_CERTIFICATE_NOT_DER')
  t.regex(wrong.json.detail, /^roots\/0: /)
  const text = await call('/v1/ctl/verify', { body: file, headers: { 'Content-Type': 'text/plain' } })
  t.is(text.status, 415)
  t.regex(text.json.detail, /octet-stream or application\/json/)
  const shapeless = await call('/v1/ctl/verify', { json: { roots: [] } })
  t.is(shapeless.json.code, 'BODY_INVALID')
})

test('an empty file is invalid, whichever way it comes', async (t) => {
  t.is((await postFile('/v1/ctl/verify', new Uint8Array())).json.problem.code, 'CTL_EMPTY')
  t.is((await call('/v1/ctl/verify', { json: { file: '' } })).json.problem.code, 'CTL_EMPTY')
})

test('two files are compared, as the schema says', async (t) => {
  const diff = (old: Uint8Array, next: Uint8Array) =>
    call('/v1/ctl/diff', { json: { old: base64(old), new: base64(next) } })
  t.is((await diff(file, file)).json.extent, 'nothing')
  t.is((await diff(draft, file)).json.extent, 'signature')
  for (const [old, next] of [
    [realFile(), file],
    [new Uint8Array(), file],
    [file, new Uint8Array()],
  ] as const) {
    const { status, json } = await diff(old, next)
    t.is(status, 200)
    t.is(diffSchema.safeParse(json).error, undefined)
    t.is(json.extent, 'records')
  }
  const cut = await diff(file, file.subarray(0, 400))
  t.is(cut.status, 422)
  t.regex(cut.json.detail, /^The new file: /)
  t.is((await call('/v1/ctl/diff', { json: { old: base64(file) } })).json.code, 'BODY_INVALID')
})
