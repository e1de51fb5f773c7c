import test from 'ava'
import { ask, type Bench, setUpBench } from '../flow/bench.js'

let bench: Bench
test.before(async () => {
  bench = await setUpBench()
})
test.after.always(() => bench?.close())

const status = (asked: Parameters<typeof ask>[2] = {}) => ask(bench.daemon.url, '/v1/status', asked)

test('without a key every resource is refused on both listeners, but the health check', async (t) => {
  const socketPath = `${bench.folder}/api.sock`
  for (const at of [{}, { socketPath }]) {
    for (const path of ['/v1/status', '/v1/tokens', '/v1/events', '/v1/openapi.json']) {
      const { status, json, headers } = await ask(bench.daemon.url, path, at)
      t.is(status, 401, path)
      t.is(json.code, 'KEY_MISSING')
      t.is(headers['www-authenticate'], 'Bearer')
    }
    t.is((await ask(bench.daemon.url, '/healthz', at)).status, 200)
  }
})

test('a good key opens both listeners', async (t) => {
  const { key } = bench.daemon
  t.is((await status({ key })).status, 200)
  t.is((await status({ key, socketPath: `${bench.folder}/api.sock` })).status, 200)
})

test('a host name that was not allowed is refused, so that a rebound name gets nothing', async (t) => {
  const { key } = bench.daemon
  for (const Host of ['evil.example', 'evil.example:8470', '127.0.0.1.evil.example']) {
    const { status: code, json } = await status({ key, headers: { Host } })
    t.is(code, 421, Host)
    t.is(json.code, 'HOST_REFUSED')
  }
  t.is((await status({ key, headers: { Host: 'LOCALHOST:1' } })).status, 200)
})

test('a request from another site is refused', async (t) => {
  const { key, url } = bench.daemon
  t.is((await status({ key, headers: { Origin: 'https://evil.example' } })).json.code, 'ORIGIN_REFUSED')
  t.is((await status({ key, headers: { 'Sec-Fetch-Site': 'cross-site' } })).json.code, 'ORIGIN_REFUSED')
  t.is((await status({ key, headers: { Origin: url, 'Sec-Fetch-Site': 'same-origin' } })).status, 200)
})

test('a problem says code, place, remedy and request id, and is application/problem+json', async (t) => {
  const { key, url } = bench.daemon
  const { status: code, json, headers } = await ask(url, '/v1/tokens/none', { key })
  t.is(code, 404)
  t.is(headers['content-type'], 'application/problem+json; charset=utf-8')
  t.like(json, {
    type: 'urn:ctl-bridge:problem:TOKEN_UNKNOWN',
    code: 'TOKEN_UNKNOWN',
    status: 404,
    at: { token: 'none' },
  })
  t.true(json.remedy.length > 10)
  t.is(json.requestId, headers['x-request-id'])
})

test('unknown paths, methods, types and bodies each get their problem', async (t) => {
  const { key, url } = bench.daemon
  const octets = { 'Content-Type': 'application/octet-stream' }
  const cases = [
    ['/v1/nothing', {}, 404, 'NOT_FOUND'],
    ['/v1/tokens/%ff', {}, 404, 'NOT_FOUND'],
    ['/v1/ctl/inspect', {}, 405, 'METHOD_NOT_ALLOWED'],
    [
      '/v1/ctl/inspect',
      { method: 'POST', body: 'x', headers: { 'Content-Type': 'text/plain' } },
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    ],
    [
      '/v1/ctl/inspect',
      { method: 'POST', body: Buffer.alloc(1_048_577), headers: octets },
      413,
      'BODY_TOO_LARGE',
    ],
    ['/v1/ctl/inspect', { method: 'POST', body: '', headers: octets }, 422, 'CTL_EMPTY'],
    [
      '/v1/ctl/inspect',
      { method: 'POST', body: 'x', headers: { ...octets, Accept: 'image/png' } },
      406,
      'NOT_ACCEPTABLE',
    ],
    ['/v1/ctl/sign', { method: 'POST', body: 'x', headers: octets }, 422, 'BODY_INVALID'],
    ['/v1/ctl/compose', { method: 'POST', json: { records: [] } }, 422, 'BODY_INVALID'],
    ['/v1/ctl/compose', { method: 'POST', json: { nonsense: 1 } }, 422, 'BODY_INVALID'],
    ['/v1/tokens?all=1', {}, 422, 'BODY_INVALID'],
    // A library may end the PIN at the NUL: the guard would know another PIN than the token was sent.
    ['/v1/tokens/a/unlock', { method: 'POST', json: { pin: '1234\u0000' } }, 422, 'BODY_INVALID'],
    ['/v1/tokens/a/pin', { method: 'POST', json: { pin: '1234', newPin: 'a\n' } }, 422, 'BODY_INVALID'],
  ] as const
  for (const [path, asked, code, name] of cases) {
    const { status: given, json } = await ask(url, path, { key, ...asked })
    t.is(given, code, `${path} ${name}`)
    t.is(json.code, name, path)
  }
})

test('a body that is no JSON is refused without being quoted', async (t) => {
  const { key, url } = bench.daemon
  const path = `/v1/tokens/${bench.tokens[0].serial}/unlock`
  const answer = await ask(url, path, {
    key,
    method: 'POST',
    body: '{"pin":"Sesame-4711"',
    headers: { 'Content-Type': 'application/json' },
  })
  t.is(answer.json.code, 'BODY_INVALID')
  t.false(answer.bytes.toString().includes('4711'))
})

test('wrong keys are soon told to wait, and a good key still passes', async (t) => {
  const codes: string[] = []
  for (let attempt = 0; attempt < 14; attempt += 1)
    codes.push((await status({ key: `wrong-${attempt}` })).json.code)
  t.is(codes[0], 'KEY_REJECTED')
  t.is(codes.at(-1), 'RATE_LIMITED')
  const { headers } = await status({ key: 'wrong' })
  t.true(Number(headers['retry-after']) > 0)
  t.is((await status({ key: bench.daemon.key })).status, 200)
})

test('no answer may be framed, sniffed or cached', async (t) => {
  const { headers } = await status({ key: bench.daemon.key })
  t.like(headers, {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  })
  t.is(headers['x-powered-by'], undefined)
  t.is(headers['access-control-allow-origin'], undefined)
})
