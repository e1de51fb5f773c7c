import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import test, { type ExecutionContext } from 'ava'
import { openTvs } from '../../../daemon/cluster/tvs/open-tvs.js'
import { keyPemOf, pemOf } from '../../trust/openssl-authority.js'
import { startOpensslServer } from '../openssl-server.js'
import { certificate, pinned } from '../scripted-web.js'

const asked = new Uint8Array(certificate.der)

/** Calls `answer` with each whole request; this reader shares nothing with the product. */
async function scriptedTvs(t: ExecutionContext, answer: (request: Buffer, socket: TLSSocket) => void) {
  const requests: Buffer[] = []
  const options = { cert: pemOf(certificate), key: keyPemOf(certificate) }
  const sockets = new Set<TLSSocket>()
  const server = createServer(options, (socket) => {
    let heard = Buffer.alloc(0)
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (part: Buffer) => {
      heard = Buffer.concat([heard, part])
      if (heard.length < 10 || heard.length < 10 + heard.readUInt16BE(8)) return
      requests.push(heard)
      answer(heard, socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const open = (more: object = {}) => openTvs({ node: 'pub', host: '127.0.0.1', port, tls: pinned, ...more })
  return { open, requests }
}

const TRUSTED = '0700010008000200030900040001 5180'
const ALL = Buffer.from(TRUSTED.replaceAll(' ', ''), 'hex')

function response(request: Buffer, content = ALL, { length = content.length, type = 2 } = {}): Buffer {
  const header = Buffer.from([0x57, 1, type, 0, ...request.subarray(4, 8), length >> 8, length & 0xff])
  return Buffer.concat([header, content])
}

test('TVS is asked about the certificate, and its answer is told', async (t) => {
  const { open, requests } = await scriptedTvs(t, (request, socket) => socket.write(response(request)))
  t.deepEqual(await open().verify(asked), { isTrusted: true, roles: [0, 3], ttl: 86_400 })
  const [request = Buffer.alloc(0)] = requests
  t.is(request.subarray(0, 4).toString('hex'), '57010100')
  t.is(request.subarray(10, 24).toString('latin1'), '\x01\0\x0b\x01ctl-bridge')
  t.true(request.subarray(27).equals(asked))
  await open({ deviceName: 'CP-8861-SEP001122334455' }).verify(asked)
  t.true(requests[1]?.includes('\x01CP-8861-SEP001122334455'))
  t.false(requests[1]?.subarray(4, 8).equals(request.subarray(4, 8)), 'each question has its own session')
})

test('an answer in single bytes is read whole', async (t) => {
  const { open } = await scriptedTvs(t, async (request, socket) => {
    socket.setNoDelay(true)
    for (const byte of response(request)) {
      socket.write(Buffer.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
  })
  t.like(await open().verify(asked), { isTrusted: true, ttl: 86_400 })
})

type Script = (request: Buffer, socket: TLSSocket) => void

const wrong: ReadonlyArray<readonly [string, Script, string, RegExp]> = [
  ['says nothing', () => undefined, 'NODE_TIMEOUT', /did not answer within 3 s/],
  [
    'sends half an answer and no more',
    (request, socket) => socket.write(response(request).subarray(0, 13)),
    'NODE_ANSWER_WRONG',
    /only 13 bytes of its answer within 3 s/,
  ],
  [
    'trickles for ever',
    (request, socket) => {
      const long = response(request, Buffer.alloc(60_000))
      let sent = 0
      const timer = setInterval(() => socket.write(long.subarray(sent, ++sent)), 20)
      socket.once('close', () => clearInterval(timer))
    },
    'NODE_ANSWER_WRONG',
    /only \d+ bytes/,
  ],
  ['hangs up', (_, socket) => socket.end(), 'NODE_ANSWER_WRONG', /after 0 bytes/],
  [
    'hangs up in its answer',
    (request, socket) => socket.end(response(request).subarray(0, 20)),
    'NODE_ANSWER_WRONG',
    /after 20 bytes/,
  ],
  [
    'says less than it sends',
    (request, socket) => socket.write(response(request, ALL, { length: 4 })),
    'NODE_ANSWER_WRONG',
    /sent 26 bytes, and the message says it has 14/,
  ],
  [
    'says more than it sends and hangs up',
    (request, socket) => socket.end(response(request, ALL, { length: 0xffff })),
    'NODE_ANSWER_WRONG',
    /after 26 bytes/,
  ],
  [
    'never ends',
    (_, socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 0x57)));
      }
      socket.on('drain', more)
      more()
    },
    'NODE_ANSWER_WRONG',
    /byte 1: it is of another version/,
  ],
  [
    'answers for another session',
    (request, socket) => socket.write(response(Buffer.from(request.map((byte) => byte ^ 0xff)))),
    'NODE_ANSWER_WRONG',
    /byte 4: it belongs to another session/,
  ],
  ['sends the request back', (request, socket) => socket.write(request), 'NODE_ANSWER_WRONG', /byte 2/],
  [
    'speaks HTTP',
    (_, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    'NODE_ANSWER_WRONG',
    /byte 0/,
  ],
]

// One at a time: those that end at the deadline must get as far as their request before it.
for (const [what, answer, code, message] of wrong) {
  test.serial(`a TVS that ${what} is told as that`, async (t) => {
    const { open, requests } = await scriptedTvs(t, answer)
    const error = await t.throwsAsync(open({ deadline: 3000 }).verify(asked), { code, message })
    t.like(error, { place: { node: 'pub' } })
    t.is(requests.length, 1)
  })
}

test('TVS with another certificate than the pinned one is not asked, and the message names the setting', async (t) => {
  const { open, requests } = await scriptedTvs(t, () => undefined)
  const tls = { ...pinned, fingerprint: undefined }
  await t.throwsAsync(open({ tls }).verify(asked), {
    code: 'NODE_CERTIFICATE_UNKNOWN',
    message: new RegExp(`tvs_fingerprint = "${pinned.fingerprint}"`),
  })
  t.deepEqual(requests, [])
})

test.serial('openssl receives the request through TLS, and is left when it does not answer', async (t) => {
  const server = await startOpensslServer(certificate)
  t.teardown(server.stop)
  const tvs = openTvs({ node: 'pub', host: '127.0.0.1', port: server.port, tls: pinned, deadline: 3000 })
  await t.throwsAsync(tvs.verify(asked), { code: 'NODE_TIMEOUT' })
  t.true(server.printed().includes('\x01\0\x0b\x01ctl-bridge\x02'))
})
