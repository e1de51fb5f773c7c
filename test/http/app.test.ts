/** The application and its listeners with a route table of the test's own. */
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import test, { type ExecutionContext } from 'ava'
import { pino } from 'pino'
import { z } from 'zod'
import { makeApp } from '../../daemon/http/app.js'
import { EventLog } from '../../daemon/http/event-log.js'
import { type Listeners, listen } from '../../daemon/http/listen.js'
import { jsonRoute, plainRoute, type Route } from '../../daemon/http/route.js'
import type { Scope } from '../../daemon/principal.js'
import { ask } from '../flow/bench.js'

interface Served {
  readonly url: string
  readonly listeners: Listeners
  readonly log: readonly string[]
  readonly folder: string
  stop(): void
}

const scopesOf: Readonly<Record<string, readonly Scope[]>> = {
  reader: ['read'],
  signer: ['sign'],
  admin: ['admin', 'operate'],
}

async function serve(t: ExecutionContext, routes: readonly Route[]): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-app-'))
  const log: string[] = []
  let stopping = false
  const app = makeApp({
    routes,
    keys: {
      find: async (name) => {
        const scopes = scopesOf[name]
        return scopes && { keyId: name, name, scopes }
      },
    },
    allowedHosts: ['127.0.0.1'],
    log: pino({ level: 'debug' }, { write: (line: string) => log.push(line) }),
    now: Date.now,
    isStopping: () => stopping,
  })
  const listeners = await listen(app, { socket: join(folder, 'api.sock'), port: 0 })
  t.teardown(async () => {
    await listeners.close(0)
    await rm(folder, { recursive: true, force: true })
  })
  return {
    url: `http://127.0.0.1:${listeners.port}`,
    listeners,
    log,
    folder,
    stop: () => {
      stopping = true
    },
  }
}

const answer = (
  path: string,
  scope: Scope | undefined,
  handle: Route['handle'],
  query?: Route['query'],
): Route =>
  plainRoute({
    method: 'get',
    path,
    id: path,
    summary: '',
    scope,
    answers: [{ type: 'text/plain' }],
    problems: [],
    handle,
    ...(query === undefined ? {} : { query }),
  })

const takesJson = jsonRoute('X', z.strictObject({ pin: z.string().max(10) }), {
  method: 'post',
  path: '/json',
  id: 'x',
  summary: '',
  scope: 'sign',
  answers: [{ type: 'text/plain' }],
  problems: [],
  handle: () => ({ text: 'ok' }),
})

const later = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

test('a key opens what its scopes say and nothing else', async (t) => {
  const { url } = await serve(t, [
    answer('/read', 'read', () => ({ text: 'ok' })),
    answer('/sign', 'sign', () => ({ text: 'ok' })),
  ])
  const allowed = { reader: '/read', signer: '/sign', admin: '' }
  for (const [key, path] of Object.entries(allowed)) {
    for (const asked of ['/read', '/sign']) {
      const { status, json } = await ask(url, asked, { key })
      t.is(status, asked === path ? 200 : 403, `${key} ${asked}`)
      if (status === 403) t.is(json.code, 'SCOPE_MISSING')
    }
  }
})

test('an error nobody foresaw is INTERNAL, with nothing of its text in the answer', async (t) => {
  const { url, log } = await serve(t, [
    answer('/throws', 'read', () => {
      throw new Error('secret path')
    }),
  ])
  const { status, json, bytes } = await ask(url, '/throws', { key: 'reader' })
  t.is(status, 500)
  t.is(json.code, 'INTERNAL')
  t.false(bytes.toString().includes('secret'))
  t.true(log.some((line) => line.includes(json.requestId)))
})

test('a body that is packed, damaged or in a strange charset is refused as such, and never logged', async (t) => {
  const { url, log } = await serve(t, [takesJson])
  const text = '{"pin":"Sesame-4711"}'
  const cases = [
    { body: gzipSync('{"pin":"4711"}'), headers: { 'Content-Encoding': 'gzip' } },
    { body: text, headers: { 'Content-Encoding': 'gzip' } },
    { body: text, headers: { 'Content-Encoding': 'deflate' } },
    { body: text, headers: { 'Content-Encoding': 'bogus' } },
    { body: text, type: 'application/json; charset=utf-77' },
    { body: `${text}x` },
    { body: text },
    { body: '"Sesame-4711"' },
  ]
  for (const { body, headers, type = 'application/json' } of cases) {
    const { status, json, bytes } = await ask(url, '/json', {
      key: 'signer',
      method: 'POST',
      body,
      headers: { 'Content-Type': type, ...headers },
    })
    t.is(status, 422, `${JSON.stringify(headers)} ${type}`)
    t.is(json.code, 'BODY_INVALID')
    t.false(bytes.toString().includes('4711'))
  }
  t.deepEqual(log, [])
})

test('a query parameter with the name of something every object has is unknown as well', async (t) => {
  const known = { token: { required: false, description: '' } }
  const { url } = await serve(t, [answer('/q', 'read', () => ({ text: 'ok' }), known)])
  t.is((await ask(url, '/q?token=1', { key: 'reader' })).status, 200)
  for (const name of ['constructor', 'toString', '__proto__', 'other', 'token=1&token']) {
    t.is((await ask(url, `/q?${name}=1`, { key: 'reader' })).json?.code, 'BODY_INVALID', name)
  }
})

test('a stream that its client does not read ends with the daemon, and later events hurt nobody', async (t) => {
  const events = new EventLog('0badcafe', () => new Date())
  const { url, listeners } = await serve(t, [eventRoute(events)])
  const client = await connected(url)
  client.write('GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer reader\r\n\r\n')
  await once(client, 'readable')
  client.pause()
  for (let number = 0; number < 800; number += 1) events.publish('a', { text: 'x'.repeat(1000) })
  events.end()
  events.publish('token.locked', {})
  await listeners.close(200)
  events.publish('token.locked', {})
  await later(50)
  client.destroy()
  t.pass()
})

test('a client that leaves while its key is looked up leaves no listener behind', async (t) => {
  const events = new EventLog('0badcafe', () => new Date())
  let subscribed = 0
  const counting = new Proxy(events, {
    get: (target, name) => {
      if (name === 'subscribe') subscribed += 1
      const value = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  let left = (): void => undefined
  const clientLeft = new Promise<void>((resolve) => {
    left = resolve
  })
  const route = eventRoute(counting)
  const { url } = await serve(t, [
    {
      ...route,
      handle: async (request) => {
        await clientLeft
        await later(100)
        return route.handle(request)
      },
    },
  ])
  const client = await connected(url)
  client.write('GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer reader\r\n\r\n')
  await later(100)
  client.destroy()
  left()
  await later(300)
  t.is(subscribed, 0)
})

/** Tells when a request has come to its handler. */
function arrival(): { readonly reached: () => void; readonly arrived: Promise<void> } {
  let reached = (): void => undefined
  const arrived = new Promise<void>((resolve) => {
    reached = resolve
  })
  return { reached: () => reached(), arrived }
}

test('a stopping daemon answers what it has begun, takes nothing new, and keeps no connection', async (t) => {
  let finish = (): void => undefined
  const begun = new Promise<void>((resolve) => {
    finish = resolve
  })
  const slow = arrival()
  const { url, listeners, stop } = await serve(t, [
    answer('/slow', 'read', async () => {
      slow.reached()
      await begun
      return { text: 'done' }
    }),
    answer('/quick', 'read', () => ({ text: 'ok' })),
  ])
  const client = await connected(url)
  let heard = ''
  client.on('data', (part) => {
    heard += part
  })
  const ended = once(client, 'close')
  client.write(rawGet('/slow'))
  await slow.arrived
  stop()
  const closed = listeners.close(60_000)
  client.write(rawGet('/quick'))
  await later(50)
  finish()
  await Promise.all([closed, ended])
  t.regex(heard, /^HTTP\/1.1 200[\s\S]*done/)
  t.false(heard.includes('\r\n\r\nok'))
})

test('a connection that was busy when the daemon stopped is closed after its answer, not kept for the next', async (t) => {
  let finish = (): void => undefined
  const begun = new Promise<void>((resolve) => {
    finish = resolve
  })
  const slow = arrival()
  const { url, listeners } = await serve(t, [
    answer('/slow', 'read', async () => {
      slow.reached()
      await begun
      return { text: 'done' }
    }),
  ])
  const client = await connected(url)
  client.resume()
  client.write(rawGet('/slow'))
  await slow.arrived
  const closed = listeners.close(60_000).then(() => 'closed')
  finish()
  // Left alone the connection would live for the server's keepAliveTimeout, five seconds.
  t.is(await Promise.race([closed, later(3_000)]), 'closed')
})

test('a new daemon that took the socket over keeps it when the former one has ended', async (t) => {
  let finish = (): void => undefined
  const begun = new Promise<void>((resolve) => {
    finish = resolve
  })
  const slow = arrival()
  const { url, listeners, folder } = await serve(t, [
    answer('/slow', 'read', async () => {
      slow.reached()
      await begun
      return { text: 'done' }
    }),
  ])
  const asked = ask(url, '/slow', { key: 'reader' })
  await slow.arrived
  const closed = listeners.close(60_000)
  const next = await listen((_request, response) => response.end('next'), {
    socket: join(folder, 'api.sock'),
    port: 0,
  })
  finish()
  await asked
  await closed
  const { bytes } = await ask('http://127.0.0.1:1', '/', { socketPath: join(folder, 'api.sock') })
  t.is(bytes.toString(), 'next')
  await next.close(0)
})

test('a start that fails is told with a code and leaves no socket and no listener', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-listen-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const app = () => undefined
  const socket = join(folder, 'api.sock')
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  t.teardown(() => taken.close())
  const { port } = taken.address() as AddressInfo
  await t.throwsAsync(listen(app, { socket, port }), { code: 'PORT_IN_USE' })
  await t.throwsAsync(ask('http://127.0.0.1:1', '/', { socketPath: socket }), { code: 'ENOENT' })

  await writeFile(join(folder, 'file'), '')
  await symlink(join(folder, 'nothing'), join(folder, 'dangling'))
  const cases = [
    [join(folder, 'file'), 'SOCKET_IN_USE'],
    [folder, 'SOCKET_IN_USE'],
    [join(folder, 'dangling'), 'SOCKET_IN_USE'],
    [join(folder, 'file', 'api.sock'), 'STATE_UNUSABLE'],
    ['/proc/api.sock', 'STATE_UNUSABLE'],
    [join(folder, 'x'.repeat(120)), 'SOCKET_PATH_TOO_LONG'],
  ] as const
  for (const [path, code] of cases) {
    await t.throwsAsync(listen(app, { socket: path, port: 0 }), { code }, path)
  }
})

test('two daemons that start at once over a stale socket do not both serve it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-listen-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const socket = join(folder, 'api.sock')
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  const starts = await Promise.allSettled(
    ['one', 'two'].map((name) => listen((_request, response) => response.end(name), { socket, port })),
  )
  const winners = starts.filter((start) => start.status === 'fulfilled')
  t.is(winners.length, 1)
  const { status } = await ask('http://127.0.0.1:1', '/', { socketPath: socket })
  t.is(status, 200)
  for (const { value } of winners) await value.close(0)
})

function eventRoute(log: EventLog): Route {
  return plainRoute({
    method: 'get',
    path: '/events',
    id: 'e',
    summary: '',
    scope: 'read',
    answers: [{ type: 'text/event-stream' }],
    problems: [],
    handle: () => ({ stream: { log, lastId: undefined } }),
  })
}

const rawGet = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer reader\r\n\r\n`

function connected(url: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const client = connect(Number(new URL(url).port), '127.0.0.1', () => resolve(client))
    client.once('error', reject)
  })
}

const once = (client: Socket, event: string): Promise<void> =>
  new Promise((resolve) => client.once(event, () => resolve()))

test('HEAD of a stream ends', async (t) => {
  const { url } = await serve(t, [eventRoute(new EventLog('0badcafe', () => new Date()))])
  const ended = await new Promise((resolve, reject) => {
    const call = request(`${url}/events`, {
      method: 'HEAD',
      headers: { Authorization: 'Bearer reader' },
      agent: false,
    })
    call.once('response', (response) => {
      response.resume()
      response.once('close', () => resolve(true))
    })
    call.once('error', reject)
    call.end()
  })
  t.true(ended)
})
