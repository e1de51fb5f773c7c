import { randomBytes } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { type FetchLimits, fetchFile } from '../../../lab/phones/fetch-file.js'
import { fetchOverHttp } from '../../../lab/phones/fetch-http.js'
import { fetchOverTftp } from '../../../lab/phones/fetch-tftp.js'
import { serverNames, startTftpServer } from '../../cluster/files/tftp-servers.js'

const host = '127.0.0.1'
const limits: FetchLimits = { wait: 1000, tries: 6, ceiling: 65_536 }
/** For servers that never answer. */
const impatient: FetchLimits = { ...limits, wait: 20, tries: 3 }

for (const name of serverNames) {
  test(`a phone reads files of every size from ${name}, and knows a file that is not there`, async (t) => {
    const server = await startTftpServer(name)
    t.teardown(server.stop)
    const fetch = (file: string) => fetchOverTftp({ host, port: server.port }, server.nameOf(file), limits)
    for (const size of [0, 1, 511, 512, 513, 1427, 1428, 1429, 2856, 65_535, 65_536]) {
      const bytes = randomBytes(size)
      await writeFile(join(server.folder, `${size}.tlv`), bytes)
      t.deepEqual(await fetch(`${size}.tlv`), { kind: 'file', bytes: new Uint8Array(bytes) }, `${size} bytes`)
    }
    await writeFile(join(server.folder, 'large.tlv'), new Uint8Array(65_537))
    t.deepEqual(await fetch('large.tlv'), { kind: 'too large' })
    t.deepEqual(await fetch('CTLSEP001122334455.tlv'), { kind: 'none' })
  })
}

/** A TFTP server that does what the test says with each packet. */
async function tftpThat(
  t: ExecutionContext,
  take: (packet: Buffer, from: RemoteInfo, socket: Socket) => void,
): Promise<number> {
  const socket = createSocket('udp4')
  socket.on('message', (packet, from) => take(packet, from, socket))
  socket.bind(0, host)
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  return socket.address().port
}

const dataPacket = (block: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(0, 3, block >>> 8, block & 0xff), content])

test('a server that never answers is unreachable after the tries', async (t) => {
  let asked = 0
  const port = await tftpThat(t, () => {
    asked += 1
  })
  t.deepEqual(await fetchOverTftp({ host, port }, 'x', impatient), {
    kind: 'unreachable',
    cause: 'no answer',
  })
  t.is(asked, 3)
})

test('a file that never ends is given up above the ceiling', async (t) => {
  let block = 0
  const port = await tftpThat(t, (_packet, from, socket) => {
    block += 1
    socket.send(dataPacket(block, new Uint8Array(512)), from.port, from.address)
  })
  t.deepEqual(await fetchOverTftp({ host, port }, 'x', limits), { kind: 'too large' })
  t.true(block < 140)
})

test('a block that is sent for ever is no progress', async (t) => {
  let sent = 0
  const port = await tftpThat(t, (_packet, from, socket) => {
    sent += 1
    if (sent < 2000) socket.send(dataPacket(1, new Uint8Array(512)), from.port, from.address)
  })
  t.is((await fetchOverTftp({ host, port }, 'x', impatient)).kind, 'unreachable')
})

test('packets from another port and repeated blocks do not get into the file', async (t) => {
  const stranger = createSocket('udp4')
  stranger.bind(0, host)
  await once(stranger, 'listening')
  t.teardown(() => stranger.close())
  const port = await tftpThat(t, (packet, from, socket) => {
    const send = (bytes: Buffer) => socket.send(bytes, from.port, from.address)
    const first = dataPacket(1, Buffer.alloc(512, 'a'))
    if (packet.readUInt16BE(0) === 1) send(first)
    else if (packet.readUInt16BE(2) === 1) {
      send(first)
      stranger.send(dataPacket(2, Buffer.from('evil')), from.port, from.address, () =>
        send(dataPacket(2, Buffer.from('end'))),
      )
    }
  })
  const fetched = await fetchOverTftp({ host, port }, 'x', limits)
  t.deepEqual(fetched, { kind: 'file', bytes: new Uint8Array(Buffer.from(`${'a'.repeat(512)}end`)) })
})

test('a server that lost an acknowledgement gets it again', async (t) => {
  let ignored = false
  const port = await tftpThat(t, (packet, from, socket) => {
    const send = (bytes: Buffer) => socket.send(bytes, from.port, from.address)
    if (packet.readUInt16BE(0) === 1) return send(dataPacket(1, Buffer.alloc(512, 'a')))
    if (ignored) return send(dataPacket(2, Buffer.from('end')))
    ignored = true
    return undefined
  })
  const fetched = await fetchOverTftp({ host, port }, 'x', { ...limits, wait: 50 })
  t.is(fetched.kind === 'file' && fetched.bytes.length, 515)
})

async function httpThat(t: ExecutionContext, listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  server.listen(0, host)
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

test('over HTTP: a file, none, too much, a server in trouble, nobody there', async (t) => {
  const port = await httpThat(t, (request, response) => {
    if (request.url === '/none') response.writeHead(404).end()
    else if (request.url === '/broken') response.writeHead(500).end()
    else response.end(new Uint8Array(request.url === '/large' ? 65_537 : 65_536))
  })
  const fetch = (name: string) => fetchOverHttp({ host, port }, name, limits)
  t.deepEqual(await fetch('CTLFile.tlv'), { kind: 'file', bytes: new Uint8Array(65_536) })
  t.deepEqual(await fetch('none'), { kind: 'none' })
  t.deepEqual(await fetch('large'), { kind: 'too large' })
  t.deepEqual(await fetch('broken'), { kind: 'unreachable', cause: 'HTTP status 500' })
  t.is((await fetchOverHttp({ host, port: 1 }, 'x', limits)).kind, 'unreachable')
})

test('a phone that prefers HTTP falls back to TFTP, and goes to the next server when neither answers', async (t) => {
  const server = await startTftpServer('atftpd')
  t.teardown(server.stop)
  await writeFile(join(server.folder, 'ITLFile.tlv'), 'itl')
  const deaf = await tftpThat(t, () => undefined)
  const nodes = [
    { host, tftp: deaf, http: 1 },
    { host, tftp: server.port, http: 1 },
  ]
  const names = ['ITLSEP001122334455.tlv', 'ITLFile.tlv']
  const patient = { ...limits, wait: 200, tries: 3 }
  const found = await fetchFile(nodes, names, 'http', patient)
  t.like(found, { name: 'ITLFile.tlv', fetched: { kind: 'file' } })
  const none = await fetchFile(nodes, ['CTLSEP001122334455.tlv'], 'tftp', patient)
  t.like(none, { name: 'CTLSEP001122334455.tlv', fetched: { kind: 'none' } })
  t.deepEqual(none.silent, nodes.slice(0, 1))
  const nowhere = await fetchFile([], names, 'tftp', limits)
  t.is(nowhere.fetched.kind, 'unreachable')
})
