/** `/v1/migrations` over HTTP: shapes, scopes, what reaches the port, and what a PIN must never do. */
import { createHash } from 'node:crypto'
import test from 'ava'
import { migrationReportSchema } from '../../daemon/http/schemas/migration-report-schemas.js'
import {
  migrationListSchema,
  migrationSchema,
  planAnswerSchema,
} from '../../daemon/http/schemas/migration-schemas.js'
import { TokenError } from '../../drivers/token.js'
import { type Ask, ask } from '../flow/bench.js'
import { tacFile } from '../vectors/tac-files.js'
import { type MigrationServer, serveMigrations } from './migration-server.js'
import { scriptedAnswer, scriptedView } from './scripted-migrations.js'

let server: MigrationServer
test.beforeEach(async () => {
  server = await serveMigrations()
})
test.afterEach.always(async () => {
  await server.close()
})

const call = (path: string, asked: Ask = {}) => ask(server.url, path, { key: 'ann', ...asked })
const post = (path: string, json?: unknown, more: Ask = {}) =>
  call(path, { method: 'POST', ...(json !== undefined && { json }), ...more })
const of = (path: string) => `/v1/migrations/k7f2${path}`
const der = tacFile('token-signed').subarray(0, 900)
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test.serial('a plan comes back whole, and certificates that come in are known by their hash', async (t) => {
  const request = {
    cluster: 'krakow',
    plan: 'update-token-ctl',
    tokens: ['aa11', 'bb22'],
    signer: 'aa11',
    edits: [
      {
        edit: 'add',
        function: 4,
        certificate: Buffer.from(der).toString('base64'),
        ipAddress: '10.48.47.154',
        dnsName: 'capf',
      },
      { edit: 'remove', certificate: 'ab'.repeat(32) },
      { edit: 'replace', certificate: 'cd'.repeat(32), by: Buffer.from(der).toString('base64') },
      { edit: 'address', certificate: 'ef'.repeat(32), ipAddress: '10.48.47.160' },
    ],
  }
  const { status, json } = await post('/v1/migrations/plan', request)
  t.is(status, 200)
  t.is(planAnswerSchema.safeParse(json).error, undefined)
  t.is(json.plan.steps.length, 5)
  t.deepEqual(server.asked(), {
    cluster: 'krakow',
    plan: 'update-token-ctl',
    wishes: {
      tokens: ['aa11', 'bb22'],
      signer: 'aa11',
      edits: [
        {
          edit: 'add',
          function: 4,
          certificate: sha256(der),
          der: new Uint8Array(der),
          address: '10.48.47.154',
          dnsName: 'capf',
        },
        { edit: 'remove', certificate: 'ab'.repeat(32) },
        { edit: 'replace', certificate: 'cd'.repeat(32), by: sha256(der), der: new Uint8Array(der) },
        { edit: 'address', certificate: 'ef'.repeat(32), address: '10.48.47.160' },
      ],
    },
  })
  t.deepEqual(server.story, [], 'nothing was begun')
})

test.serial('what is regenerated, how, and that tokens are lost reach the plan', async (t) => {
  const regenerate = { what: 'ITLRecovery', node: 'pub', through: 'local-key', isDone: true }
  await post('/v1/migrations/plan', { cluster: 'krakow', plan: 'regenerate-tokenless', regenerate })
  t.like(server.asked(), { wishes: { tokens: [], edits: [], regenerate } })
  await post('/v1/migrations/plan', { cluster: 'krakow', plan: 'update-token-ctl', tokensLost: true })
  t.like(server.asked(), { wishes: { tokensLost: true } })
})

test.serial('a plan that the cluster cannot have says why, with 200', async (t) => {
  const plan = {
    id: 'first-token-ctl',
    code: 'RELEASE_TOO_OLD',
    impossible: '9.1 has no utils ctl.',
    instead: 'Use the CTL Client.',
  } as const
  server.answer({ plan, findings: [], prediction: [] })
  const { status, json } = await post('/v1/migrations/plan', { cluster: 'krakow', plan: 'first-token-ctl' })
  t.is(status, 200)
  t.is(planAnswerSchema.safeParse(json).error, undefined)
  t.is(json.plan.impossible, '9.1 has no utils ctl.')
  t.is(json.plan.code, 'RELEASE_TOO_OLD')
})

test.serial('a prediction by class, which nobody counted, is as its schema says', async (t) => {
  server.answer({
    ...scriptedAnswer,
    prediction: scriptedAnswer.prediction.map((row) => ({ ...row, devices: undefined })),
  })
  server.put(scriptedView(4))
  const { json } = await call(of('/rollback'))
  t.is(planAnswerSchema.safeParse(json).error, undefined)
  t.false('devices' in json.prediction[0])
})

test.serial('what is not a plan, a role or an address never reaches the port', async (t) => {
  const edit = { edit: 'address', certificate: 'ef'.repeat(32), ipAddress: '10.48.47' }
  for (const wrong of [
    { cluster: 'krakow', plan: 'rollback' },
    { cluster: 'krakow', plan: 'non-secure', certificates: [] },
    { cluster: 'krakow', plan: 'update-token-ctl', edits: [edit] },
    { cluster: '', plan: 'non-secure' },
  ]) {
    const { status, json } = await post('/v1/migrations/plan', wrong)
    t.is(status, 422)
    t.is(json.code, 'BODY_INVALID')
  }
  t.is(server.asked(), undefined)
})

test.serial('start begins once per Idempotency-Key, and another body under it is refused', async (t) => {
  const body = { cluster: 'krakow', plan: 'tokenless-to-tokens', said: ['BACKUP_TAKEN'] }
  const headers = { 'Idempotency-Key': 'one' }
  const first = await post('/v1/migrations', body, { headers })
  const again = await post('/v1/migrations', body, { headers })
  t.is(first.status, 200)
  t.is(migrationSchema.safeParse(first.json).error, undefined)
  t.deepEqual(again.json, first.json)
  t.deepEqual(server.story, ['start ann krakow tokenless-to-tokens BACKUP_TAKEN'])
  const other = await post('/v1/migrations', { ...body, said: [] }, { headers })
  t.is(other.json.code, 'IDEMPOTENCY_KEY_REUSED')
  t.is((await post('/v1/migrations', body)).status, 200)
  t.is(server.story.length, 2)
})

test.serial('the list and a migration hold what their schemas say', async (t) => {
  server.put(scriptedView(4), scriptedView(6, { id: 'old' }))
  const list = await call('/v1/migrations')
  t.is(migrationListSchema.safeParse(list.json).error, undefined)
  t.like(list.json.migrations[0], {
    id: 'k7f2',
    done: 3,
    steps: 5,
    currentTitle: 'Upload the file on sub and restart Cisco Tftp there',
  })
  t.false('current' in list.json.migrations[1])
  const { json } = await call(of(''))
  t.is(migrationSchema.safeParse(json).error, undefined)
  t.is(json.files[1].sha256, null)
  const unknown = await call('/v1/migrations/nowhere')
  t.is(unknown.status, 404)
  t.is(unknown.json.code, 'MIGRATION_UNKNOWN')
})

test.serial('each answer reaches the port with who gave it', async (t) => {
  server.put(scriptedView(2))
  const note = 'seen by bob'
  for (const [path, json] of [
    ['/acknowledge', { code: 'DEVICES_WITHOUT_SBD', note }],
    ['/say', { statement: 'GO' }],
    ['/again', { note }],
    ['/stop', undefined],
    ['/resume', undefined],
    ['/phones', { readings: [{ device: 'SEP001122334455', took: 'accepted', checksum: 'A'.repeat(32) }] }],
    ['/abandon', {}],
  ] as const) {
    const { status, json: answer } = await post(of(path), json)
    t.is(status, 200, path)
    t.is(migrationSchema.safeParse(answer).error, undefined, path)
  }
  t.deepEqual(server.story, [
    'acknowledge ann k7f2 DEVICES_WITHOUT_SBD seen by bob',
    'say ann k7f2 GO ',
    'again ann k7f2 seen by bob',
    'stop ann k7f2',
    'resume ann k7f2',
    'enter ann k7f2 SEP001122334455:accepted',
    'abandon ann k7f2 ',
  ])
  t.is((await call(of(''))).json.readings[0].checksum, 'a'.repeat(32))
})

test.serial(
  'a refusal of the port keeps its code, and a wrong reading enters none of its request',
  async (t) => {
    server.put(scriptedView(2))
    const none = await post(of('/acknowledge'), { code: 'NODES_DIFFER' })
    t.is(none.status, 409)
    t.is(none.json.code, 'MIGRATION_NOTHING_TO_ANSWER')
    const right = { device: 'SEP001122334455', took: 'accepted' }
    for (const wrong of [
      { ...right, took: 'maybe' },
      { ...right, device: 'SEP 1' },
      { ...right, checksum: 'abcd' },
    ]) {
      t.is((await post(of('/phones'), { readings: [right, wrong] })).status, 422)
    }
    t.is((await post(of('/say'), { statement: 'ALL_FINE' })).status, 422)
    t.deepEqual(server.story, [])
  },
)

test.serial('who may only read changes nothing, and a custodian may unlock and nothing else', async (t) => {
  server.put(scriptedView(3))
  const posts = ['resume', 'stop', 'abandon', 'acknowledge', 'say', 'again', 'phones', 'unlock', 'rollback']
  for (const verb of posts) {
    const { status, json } = await post(of(`/${verb}`), {}, { key: 'reader' })
    t.is(json.code, 'SCOPE_MISSING', verb)
    t.is(status, 403)
    const custodian = await post(of(`/${verb}`), { pin: '1234' }, { key: 'custodian' })
    t.is(custodian.json.code ?? 'done', verb === 'unlock' ? 'done' : 'SCOPE_MISSING', verb)
  }
  t.is((await post('/v1/migrations', {}, { key: 'reader' })).json.code, 'SCOPE_MISSING')
  t.is((await call(of('/rollback'), { key: 'reader' })).status, 200)
  t.deepEqual(server.story, ['unlock custodian k7f2 false false'])
})

test.serial('unlock: the PIN reaches the port once, and neither log nor answer', async (t) => {
  server.put(scriptedView(3))
  const pins: string[] = []
  server.onUnlock.try = async (pin) => void pins.push(pin)
  const asked = { pin: 'geheim-4711', finalTry: true }
  const headers = { 'Idempotency-Key': 'one' }
  const { status, bytes } = await post(of('/unlock'), asked, { headers })
  t.is(status, 200)
  t.deepEqual(pins, ['geheim-4711'])
  t.deepEqual(server.story, ['unlock ann k7f2 true false'])
  server.put(scriptedView(3))
  await post(of('/unlock'), asked, { headers })
  t.is(pins.length, 2, 'no answer to a PIN is kept under a key')
  t.false([bytes.toString(), ...server.log].join().includes('geheim'))
})

test.serial('unlock: where no token is waited for no PIN is tried', async (t) => {
  server.put(scriptedView(4))
  const { status, json } = await post(of('/unlock'), { pin: 'x' })
  t.is(status, 409)
  t.is(json.code, 'MIGRATION_NOTHING_TO_ANSWER')
  t.is(json.at.step, '04-upload-new-sub')
  t.deepEqual(server.story, [])
})

test.serial('unlock: after ten wrong PINs the eleventh does not reach the token', async (t) => {
  server.put(scriptedView(3))
  server.onUnlock.try = () => Promise.reject(new TokenError('PIN_WRONG', 'no', { reached: 'yes' }))
  for (let time = 0; time < 10; time += 1) {
    t.is((await post(of('/unlock'), { pin: `${time}` })).json.code, 'PIN_WRONG')
  }
  t.is((await post(of('/unlock'), { pin: '10' })).json.code, 'RATE_LIMITED')
  t.is(server.story.length, 10)
})

test.serial('a file comes byte for byte under a name with slashes, and "no file" is said', async (t) => {
  server.put(scriptedView(4))
  const bytes = tacFile('tokenless')
  server.files.set('before/pub/CTLFile.tlv', bytes)
  server.files.set('before/sub/CTLFile.tlv', 'none')
  const found = await call(of('/files/before%2Fpub%2FCTLFile.tlv'))
  t.deepEqual(found.bytes, Buffer.from(bytes))
  t.is(found.headers['content-disposition'], 'attachment; filename="CTLFile.tlv"')
  const none = await call(of('/files/before%2Fsub%2FCTLFile.tlv'))
  t.is(none.status, 404)
  t.is(none.json.code, 'MIGRATION_FILE_UNKNOWN')
  t.is((await call(of('/files/secret'))).status, 404)
})

test.serial('the way back: looked at without a change, then begun as a migration of its own', async (t) => {
  server.put(scriptedView(4))
  const looked = await call(of('/rollback'))
  t.is(planAnswerSchema.safeParse(looked.json).error, undefined)
  t.deepEqual(server.story, [])
  const headers = { 'Idempotency-Key': 'back' }
  const begun = await post(of('/rollback'), undefined, { headers })
  t.is(begun.json.rollbackOf, 'k7f2')
  await post(of('/rollback'), undefined, { headers })
  t.deepEqual(server.story, ['rollback ann k7f2'])
})

test.serial('the report comes as JSON, text or a page, as Accept says', async (t) => {
  server.put(scriptedView(4))
  const { json } = await call(of('/report'))
  t.is(migrationReportSchema.safeParse(json).error, undefined)
  t.is(json.migration.id, 'k7f2')
  const as = (type: string) => call(of('/report'), { key: 'reader', headers: { Accept: type } })
  const text = await as('text/plain')
  t.regex(text.bytes.toString(), /^Report of a migration/)
  const page = await as('text/html')
  t.regex(page.bytes.toString(), /^<!doctype html>/i)
  t.is(page.headers['content-type'], 'text/html; charset=utf-8')
  t.is((await as('image/png')).status, 406)
  t.is((await call('/v1/migrations/nowhere/report')).status, 404)
})
