import { X509Certificate } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { descriptionSchema, verdictSchema } from '../../daemon/http/schemas/ctl-schemas.js'
import { statusSchema } from '../../daemon/http/schemas/daemon-schemas.js'
import { tokenListSchema } from '../../daemon/http/schemas/token-schemas.js'
import type { AuditEntry } from '../../daemon/store/audit-log.js'
import { TEST_PIN } from '../../softhsm/sast-token.js'
import { plug, unplug } from '../../softhsm/tokens-folder.js'
import { type Ask, ask, type Bench, setUpBench } from '../flow/bench.js'
import { withFullDisk } from '../flow/full-disk.js'
import { opensslSays } from '../trust/openssl-says.js'

/** One bench for the file: the tests run one after the other and leave the tokens locked. */
let bench: Bench
test.before(async () => {
  bench = await setUpBench()
})
test.after.always(() => bench?.close())

const call = (path: string, asked: Ask = {}) =>
  ask(bench.daemon.url, path, { key: bench.daemon.key, ...asked })
const postFile = (path: string, body: Uint8Array, headers: Record<string, string> = {}) =>
  call(path, { method: 'POST', body, headers: { 'Content-Type': 'application/octet-stream', ...headers } })
const unlock = (serial: string, body: Record<string, unknown> = {}) =>
  call(`/v1/tokens/${serial}/unlock`, { method: 'POST', json: { pin: TEST_PIN, ...body } })
const lock = (serial: string) => call(`/v1/tokens/${serial}/lock`, { method: 'POST' })
const sign = (serial: string, draft: Uint8Array, headers?: Record<string, string>) =>
  postFile(`/v1/ctl/sign?token=${serial}`, draft, headers)

async function composeFor(signer: string, digest = 'sha1'): Promise<Buffer> {
  const [first, second] = bench.tokens
  const { bytes, status } = await call('/v1/ctl/compose', {
    method: 'POST',
    json: {
      base: Buffer.from(bench.tokenless).toString('base64'),
      digest,
      signer: { token: signer },
      records: [
        { from: 'token', token: first.serial },
        { from: 'token', token: second.serial },
        { from: 'base', record: 2 },
        { from: 'base', record: 3 },
        { from: 'base', record: 4 },
      ],
    },
  })
  if (status !== 200) throw new Error(bytes.toString())
  return bytes
}

const auditEntries = async () => (await call('/v1/audit?after=0&limit=1000')).json.entries

/** Every byte that the daemon keeps, its keys aside. */
async function storeBytes(): Promise<string> {
  const folder = join(bench.folder, 'state')
  const names = (await readdir(folder)).filter((name) => name.startsWith('store.db'))
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))
  return files.join('')
}

test.serial('status and tokens are as their schemas say', async (t) => {
  const status = await call('/v1/status')
  t.true(statusSchema.safeParse(status.json).success)
  t.is(status.json.tokens, 2)
  const list = await call('/v1/tokens')
  t.is(tokenListSchema.safeParse(list.json).error, undefined)
  t.deepEqual(list.json.tokens.map((token: { label: string }) => token.label).sort(), ['first', 'second'])
  t.true(list.json.tokens.every((token: { state: string }) => token.state === 'present'))
})

test.serial('a certificate comes as JSON, DER or PEM', async (t) => {
  const [token] = bench.tokens
  const { json } = await call(`/v1/tokens/${token.serial}`)
  const path = `/v1/tokens/${token.serial}/certificates/${json.certificates[0].sha256}`
  t.is((await call(path)).json.sha256, json.certificates[0].sha256)
  const der = await call(path, { headers: { Accept: 'application/pkix-cert' } })
  t.deepEqual(new Uint8Array(der.bytes), token.certificate)
  const pem = await call(path, { headers: { Accept: 'application/x-pem-file' } })
  t.deepEqual(new Uint8Array(new X509Certificate(pem.bytes).raw), token.certificate)
  t.is(
    (await call(path.replace(/.$/, json.certificates[0].sha256.endsWith('0') ? '1' : '0'))).json.code,
    'CERTIFICATE_UNKNOWN',
  )
})

test.serial('inspect and verify answer as their schemas say', async (t) => {
  const described = await postFile('/v1/ctl/inspect', bench.tokenless)
  t.is(descriptionSchema.safeParse(described.json).error, undefined)
  t.is(described.json.records.length, 4)
  const text = await postFile('/v1/ctl/inspect', bench.tokenless, { Accept: 'text/plain' })
  t.true(text.bytes.toString().startsWith('The checksum value of the CTL file:'))
  for (const [query, isLong, zone] of [
    ['?long', true, 'UTC'],
    ['?long=true&zone=Asia/Tokyo', true, 'JST'],
    ['?long=false&zone=Asia/Tokyo', false, 'JST'],
  ] as const) {
    const shown = await postFile(`/v1/ctl/inspect${query}`, bench.tokenless, { Accept: 'text/plain' })
    t.is(shown.bytes.toString().includes('What show ctl does not print'), isLong, query)
    t.regex(shown.bytes.toString(), new RegExp(`last modified on .* ${zone} 20`))
  }
  const unclear = await postFile('/v1/ctl/inspect?long=perhaps', bench.tokenless)
  t.is(unclear.json.code, 'BODY_INVALID')
  const verdict = await postFile('/v1/ctl/verify', bench.tokenless)
  t.is(verdictSchema.safeParse(verdict.json).error, undefined)
  t.is(verdict.json.verdict, 'valid')
})

test.serial(
  'a file that does not verify is an answer, one that cannot be read by inspect is a problem',
  async (t) => {
    const changed = Uint8Array.from(bench.tokenless)
    changed[changed.length - 20] = (changed[changed.length - 20] ?? 0) ^ 1
    const verdict = await postFile('/v1/ctl/verify', changed)
    t.is(verdict.status, 200)
    t.is(verdict.json.verdict, 'invalid')
    const cut = await postFile('/v1/ctl/inspect', bench.tokenless.subarray(0, 100))
    t.is(cut.status, 422)
    t.is(typeof cut.json.at.offset, 'number')
  },
)

for (const digest of ['sha1', 'sha512']) {
  for (const index of [0, 1] as const) {
    test.serial(
      `a CTL signed with ${digest} by token ${index + 1} verifies with openssl alone`,
      async (t) => {
        const { serial, certificate } = bench.tokens[index]
        const draft = await composeFor(serial, digest)
        t.is((await postFile('/v1/ctl/verify', draft)).json.problem.code, 'CTL_UNSIGNED')
        t.is((await unlock(serial)).json.state, 'ready')
        const signed = await sign(serial, draft)
        t.is(signed.status, 200, signed.bytes.toString('latin1').slice(0, 300))
        t.is((await lock(serial)).json.state, 'present')

        t.is(opensslSays(signed.bytes, certificate, digest), 'Verified OK')
      },
    )
  }
}

test.serial('each signature leaves an intent and an outcome with the same request id', async (t) => {
  const { serial } = bench.tokens[0]
  await unlock(serial)
  const { headers } = await sign(serial, await composeFor(serial))
  await lock(serial)
  const lines = (await auditEntries()).filter(
    (line: AuditEntry) => line.requestId === headers['x-request-id'],
  )
  t.deepEqual(
    lines.map((line: AuditEntry) => [line.action, line.phase, line.outcome]),
    [
      ['ctl.sign', 'intent', undefined],
      ['ctl.sign', 'outcome', 'ok'],
    ],
  )
  t.is(lines[0].principal.name, 'first')
  t.is(`"${lines[1].facts.signedSha256}"`, String(headers.etag))
})

test.serial('a token that is not unlocked signs nothing, and the attempt is in the audit log', async (t) => {
  const { serial } = bench.tokens[0]
  const { json } = await sign(serial, await composeFor(serial))
  t.is(json.code, 'TOKEN_LOCKED')
  t.is(json.at.token, serial)
  t.is((await auditEntries()).at(-1).outcome, 'TOKEN_LOCKED')
})

test.serial('a file that names another signer is refused before the token is asked', async (t) => {
  const [first, second] = bench.tokens
  t.is((await sign(second.serial, await composeFor(first.serial))).json.code, 'SIGNER_NOT_ON_TOKEN')
  t.is((await sign(first.serial, bench.tokenless)).json.code, 'SIGNER_NOT_ON_TOKEN')
})

test.serial(
  'a wrong PIN is told as such, and no PIN is in an answer, the audit log or the daemon’s output',
  async (t) => {
    const { serial } = bench.tokens[0]
    const wrong = await unlock(serial, { pin: 'Wrong-0815' })
    t.is(wrong.status, 403)
    t.is(wrong.json.code, 'PIN_WRONG')
    t.false(wrong.bytes.toString().includes('0815'))
    const kept = await storeBytes()
    t.true(kept.includes(wrong.json.requestId))
    t.false(kept.includes('0815'))
    t.false(kept.includes(TEST_PIN))
    t.is((await unlock(serial)).status, 200)
    await lock(serial)
  },
)

test.serial('the same Idempotency-Key gives the same file and spends one use', async (t) => {
  const { serial } = bench.tokens[0]
  const draft = await composeFor(serial)
  await unlock(serial, { uses: 1 })
  const headers = { 'Idempotency-Key': 'one' }
  const once = await sign(serial, draft, headers)
  const again = await sign(serial, draft, headers)
  t.is(once.status, 200)
  t.deepEqual(again.bytes, once.bytes)
  t.is((await sign(serial, bench.tokenless, headers)).json.code, 'IDEMPOTENCY_KEY_REUSED')
  t.is((await sign(serial, draft)).json.code, 'TOKEN_LOCKED')
})

test.serial('when the audit log cannot be written no signature leaves', async (t) => {
  const { serial } = bench.tokens[0]
  const draft = await composeFor(serial)
  await unlock(serial)
  await withFullDisk(bench.daemon.pid, async () => {
    const refused = await sign(serial, draft)
    t.is(refused.status, 503)
    t.is(refused.json.code, 'AUDIT_NOT_WRITABLE')
    t.is((await unlock(bench.tokens[1].serial)).json.code, 'AUDIT_NOT_WRITABLE')
    t.is((await call('/v1/audit')).status, 200)
  })
  t.is((await sign(serial, draft)).status, 200)
  await lock(serial)
})

test.serial(
  'a token pulled out while it is unlocked is reported as removed, and signs again after a new unlock',
  async (t) => {
    const { serial } = bench.tokens[1]
    const draft = await composeFor(serial)
    await unlock(serial)
    await unplug(bench.softhsm, serial)
    const { json } = await sign(serial, draft)
    t.true(['TOKEN_REMOVED', 'TOKEN_LOCKED'].includes(json.code), json.code)
    await plug(bench.softhsm, serial)
    t.is(await stateBecomes(serial, 'present'), 'present')
    t.is((await unlock(serial)).json.state, 'ready')
    t.is((await sign(serial, draft)).status, 200)
    await lock(serial)
  },
)

async function stateBecomes(serial: string, wanted: string): Promise<string> {
  let state = ''
  for (let attempt = 0; attempt < 200; attempt += 1) {
    state = (await call(`/v1/tokens/${serial}`)).json.state
    if (state === wanted) return state
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return state
}
