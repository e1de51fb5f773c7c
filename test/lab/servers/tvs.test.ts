import { execFile } from 'node:child_process'
import { randomBytes, X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { decodeCtlFile } from '../../../daemon/ctl/ctl-file.js'
import { recordText, recordValue } from '../../../daemon/ctl/record-fields.js'
import { recordTag } from '../../../daemon/ctl/tags.js'
import type { LabNode } from '../../../lab/model/lab-cluster.js'
import { makeTcpDoor } from '../../../lab/servers/door.js'
import { admitTo } from '../../../lab/servers/tls-context.js'
import { makeTvs, type TvsLimits, type TvsNode } from '../../../lab/servers/tvs/tvs-server.js'
import { temporaryLab } from '../model/temporary-lab.js'
import { runningLab } from './running-lab.js'
import { device, message, readAnswer, talkToTvs, text } from './tvs-talk.js'

const DAY = 86_400

/** What a phone knows of the signer: subject, issuer and serial as they stand in the first record of its CTL. */
function queryOfFirstRecord(node: LabNode, session: number): Buffer {
  const [record] = decodeCtlFile(node.serve('CTLFile.tlv') ?? new Uint8Array()).records
  if (record === undefined) throw new Error('the CTL has no record')
  return message(3, session, [
    device,
    [3, text(recordText(record, recordTag.subjectName) ?? '')],
    [4, text(recordText(record, recordTag.issuerName) ?? '')],
    [5, recordValue(record, recordTag.serialNumber) ?? new Uint8Array()],
  ])
}

test('a certificate is verified with its roles for a day; one that nobody knows is invalid', async (t) => {
  const { lab, node } = await runningLab(t)
  const { say, hear } = await talkToTvs(t, node)
  say(message(1, 7, [device, [2, node.callManager().certificate]]))
  t.deepEqual(await hear(), { type: 2, session: 7, status: 0, roles: [0, 2], ttl: DAY })
  const [token] = lab.tokens
  say(message(1, 0xffff_fffe, [device, [2, token?.certificate ?? new Uint8Array()]]))
  const unknown = { type: 2, session: 0xffff_fffe, status: 1, roles: [], ttl: undefined }
  t.deepEqual(await hear(), unknown)
  say(message(1, 9, [device, [2, randomBytes(100)]]))
  t.like(await hear(), { session: 9, status: 1 })
})

test('a phone’s query finds the signer by the serial of the CTL, in the cache of the file after a revert', async (t) => {
  const { lab, node, lines } = await runningLab(t, { state: 'tokens' })
  const [first] = lab.tokens
  const { say, hear } = await talkToTvs(t, node)
  say(queryOfFirstRecord(node, 1))
  t.deepEqual(await hear(), { type: 4, session: 1, status: 0, roles: [0], ttl: DAY })
  const inCache = lines('tvs').slice(-8)
  t.regex(inCache[0] ?? '', /device : CP-7965-SEP001122334455 /)
  t.deepEqual(inCache.slice(-4), [
    'debug tvsLookUpDatabase - certificate not found',
    'debug tvsLookUpCtlCache - certificate found',
    'debug tvsGetRoles - {rolecount : 1} {role : 0}',
    'debug tvsSendResponse - status : valid',
  ])
  lab.setTvsPolicy('db')
  say(queryOfFirstRecord(node, 2))
  t.like(await hear(), { session: 2, status: 1 })
  // The database holds the true serial, which a verify of the certificate asks for.
  await node.upload('Phone-SAST-trust', first?.certificate ?? new Uint8Array())
  say(message(1, 3, [device, [2, first?.certificate ?? new Uint8Array()]]))
  t.deepEqual(await hear(), { type: 2, session: 3, status: 0, roles: [0, 3], ttl: DAY })
  t.true(lines('tvs').includes('debug tvsGetRoles - {rolecount : 2} {role : 0} {role : 3}'))
})

test('answers come in order when a client asks many at once, byte by byte or in one piece', async (t) => {
  const { node } = await runningLab(t)
  const { say, hear } = await talkToTvs(t, node)
  const asked = Buffer.concat(
    Array.from({ length: 50 }, (_, session) => message(1, session, [device, [2, node.tvs.certificate]])),
  )
  say(asked.subarray(0, 5))
  say(asked.subarray(5, 3000))
  say(asked.subarray(3000))
  for (let session = 0; session < 50; session++) t.like(await hear(), { session, status: 0, roles: [21] })
})

const lies: ReadonlyArray<readonly [what: string, bytes: Buffer, reason: RegExp]> = [
  ['begins wrong', Buffer.from('GET / HTTP/1.0\r\n\r\n'), /begins with byte 0x47/],
  ['speaks another version', Buffer.from('5702010000000001', 'hex'), /version 2/],
  ['sends an answer', message(2, 1, [device]), /type 2 is no request/],
  ['sends an unknown type', message(9, 1, [device]), /type 9/],
  [
    'lets an element reach past the end',
    Buffer.from('57010100000000010004020fff00', 'hex'),
    /element 2 reaches past/,
  ],
  ['cuts an element off', Buffer.from('570101000000000100020200', 'hex'), /element at byte 10 is cut off/],
  ['sends an element twice', message(1, 1, [device, device]), /element 1 stands in it twice/],
  ['names no device', message(1, 1, [[2, Buffer.of(1)]]), /no element 1/],
  [
    'names a device without 01',
    message(1, 1, [
      [1, Buffer.from('SEP')],
      [2, Buffer.of(1)],
    ]),
    /begin with 01/,
  ],
  ['sends no certificate', message(1, 1, [device]), /no element 2/],
  ['sends a query without serial', message(3, 1, [device, [3, text('a')], [4, text('b')]]), /no element 5/],
  [
    'sends a text without NUL',
    message(3, 1, [device, [3, Buffer.from('a')], [4, text('b')], [5, Buffer.of(1)]]),
    /element 3, subject, is no text/,
  ],
  [
    'sends a text with a NUL inside',
    message(3, 1, [device, [3, text('a\0b')], [4, text('b')], [5, Buffer.of(1)]]),
    /element 3, subject, is no text/,
  ],
]

test('a client that lies is cut off without an answer, and others do not notice', async (t) => {
  const { node, lines } = await runningLab(t)
  const honest = await talkToTvs(t, node)
  for (const [what, bytes, reason] of lies) {
    const liar = await talkToTvs(t, node)
    const before = lines('tvs').length
    liar.say(bytes)
    t.is(await liar.hear(), undefined, what)
    const last = lines('tvs').slice(before).at(-1) ?? ''
    t.regex(last, /^debug tvsCloseConnection - /, what)
    t.regex(last, reason, what)
  }
  honest.say(message(1, 1, [device, [2, node.tvs.certificate]]))
  t.like(await honest.hear(), { status: 0 })
})

test('random bytes never bring TVS down', async (t) => {
  const { node } = await runningLab(t)
  const talks = await Promise.all(Array.from({ length: 40 }, () => talkToTvs(t, node)))
  for (const { say } of talks) say(Buffer.concat([message(1, 1, []).subarray(0, 8), randomBytes(200)]))
  const { say, hear } = await talkToTvs(t, node)
  say(message(1, 1, [device, [2, node.tvs.certificate]]))
  t.like(await hear(), { status: 0 })
})

/** TVS alone, that knows nobody, with limits of a test. */
async function impatientTvs(t: ExecutionContext, limits: TvsLimits) {
  const lab = await temporaryLab(t, { nodes: 1 })
  const { publisher: node } = lab
  const log: string[] = []
  const closings = (_: string, line: string) => {
    if (line.includes('tvsCloseConnection')) log.push(line.replace('debug tvsCloseConnection - ', ''))
  }
  const deaf: TvsNode = { tvs: node.tvs, faults: node.faults, findTrust: () => undefined, log: closings }
  const server = makeTvs(lab, deaf, limits)
  const admit = admitTo(server, () => node.tvs)
  const door = makeTcpDoor({ address: node.address, port: 0, delay: () => 0, admit })
  node.ports.tvs = await door.open()
  t.teardown(door.close)
  return { node, log }
}

test('who says nothing or half a message is cut off', async (t) => {
  const { node, log } = await impatientTvs(t, { idle: 400, message: 300 })
  const silent = await talkToTvs(t, node)
  t.is(await silent.hear(), undefined)
  const slow = await talkToTvs(t, node)
  const trickle = setInterval(() => slow.say(Buffer.of(0)), 50)
  slow.say(Buffer.concat([message(1, 1, []).subarray(0, 8), Buffer.of(255, 255)]))
  t.is(await slow.hear(), undefined)
  clearInterval(trickle)
  t.deepEqual(log, ['nothing was asked for too long', 'a message was not finished in time'])
})

test('who asks on and on without reading the answers is cut off', async (t) => {
  const { node, log } = await impatientTvs(t, { idle: 60_000, message: 60_000 })
  const { socket, say } = await talkToTvs(t, node)
  socket.pause()
  const query = message(3, 1, [device, [3, text('a')], [4, text('b')], [5, Buffer.of(1)]])
  const many = Buffer.concat(Array.from({ length: 1000 }, () => query))
  for (let times = 0; times < 2000 && log.length === 0; times++) {
    say(many)
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.is(log[0], 'the answers are not fetched')
})

test('a name that a client made up stands on one line of the log, without what a terminal obeys', async (t) => {
  const { node, lines } = await runningLab(t)
  const { say, hear } = await talkToTvs(t, node)
  const name = Buffer.from('\x01evil\n\x1b[31m', 'latin1')
  say(
    message(3, 1, [
      [1, name],
      [3, text('\x1b]0;x\x07')],
      [4, text('a\r\nb')],
      [5, Buffer.of(1)],
    ]),
  )
  t.like(await hear(), { status: 1 })
  for (const line of lines('tvs')) t.notRegex(line, /\p{Cc}/u)
})

test('openssl reads the certificate of TVS and carries a request', async (t) => {
  const { node } = await runningLab(t)
  const target = `${node.address}:${node.ports.tvs}`
  const client = promisify(execFile)(
    'openssl',
    ['s_client', '-connect', target, '-quiet', '-verify_quiet', '-ign_eof'],
    {
      encoding: 'buffer',
      timeout: 20_000,
    },
  )
  client.child.stdin?.write(message(1, 5, [device, [2, node.tvs.certificate]]))
  const parts: Buffer[] = []
  await new Promise<void>((resolve) => {
    client.child.stdout?.on('data', (part: Buffer) => {
      parts.push(part)
      if (Buffer.concat(parts).length >= 10) resolve()
    })
  })
  client.child.kill()
  await client.catch(() => undefined)
  t.like(readAnswer(Buffer.concat(parts)), { type: 2, session: 5, status: 0, roles: [21] })
})

test('a regenerated certificate is shown once the service restarted', async (t) => {
  const { lab, node, servers } = await runningLab(t)
  const shown = async () => {
    const { socket } = await talkToTvs(t, node)
    return socket.getPeerCertificate().fingerprint256
  }
  const before = new X509Certificate(node.tvs.certificate).fingerprint256
  t.is(await shown(), before)
  await lab.regenerate('TVS', node)
  t.is(await shown(), before)
  await node.restart('Cisco Trust Verification Service')
  await servers.settled()
  t.is(await shown(), new X509Certificate(node.tvsStored().certificate).fingerprint256)
  t.not(await shown(), before)
})
