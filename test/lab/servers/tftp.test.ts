import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { fetchNodeFile } from '../../../daemon/cluster/files/fetch-node-file.js'
import type { LabNode } from '../../../lab/model/lab-cluster.js'
import { sendFile } from '../../../lab/servers/tftp/tftp-transfer.js'
import { put, runningLab } from './running-lab.js'
import { fetchWithAtftp, fetchWithTftpHpa, putWithTftpHpa } from './tftp-clients.js'

const of = (node: LabNode, file: string) => ({ address: node.address, port: node.ports.tftp, file })
const bytes = (size: number) => new Uint8Array(randomBytes(size))

/** Around the sizes of blocks. */
const sizes = [0, 1, 511, 512, 513, 1427, 1428, 1429, 65_536]

test('clients of others get files of every size whole, with and without options', async (t) => {
  const { node, lines } = await runningLab(t)
  for (const size of sizes) {
    const content = bytes(size)
    await put(node, 'some.bin', content)
    t.deepEqual((await fetchWithTftpHpa(of(node, 'some.bin'))).bytes ?? bytes(1), content, `tftp-hpa ${size}`)
    // atftp leaves no file where there are no bytes.
    const options = ['blksize 1428', 'tsize 0', 'timeout 3']
    for (const wish of [[], options]) {
      const got = await fetchWithAtftp({ ...of(node, 'some.bin'), options: wish })
      t.deepEqual(got.bytes ?? new Uint8Array(), content, `atftp ${size} ${wish} ${got.said}`)
    }
    const source = { protocol: 'tftp', host: node.address, port: node.ports.tftp, file: 'some.bin' } as const
    t.deepEqual(new Uint8Array(await fetchNodeFile(source)), content, `the product ${size}`)
  }
  t.true(
    lines('tftp').some((line) =>
      /^sent "some\.bin" to 127\.0\.0\.1:\d+: 65536 bytes in 46 blocks/.test(line),
    ),
  )
})

test('more blocks than 16 bits count on from 0', async (t) => {
  const content = bytes(70_000 * 8 + 3)
  const blocks: Buffer[] = []
  const client = { address: '127.0.0.1', port: 1 }
  // 70,000 times back and forth: without a network between them that takes no time.
  const socket = Object.assign(new EventEmitter(), {
    send: (packet: Buffer) => {
      t.is(packet.readUInt16BE(2), (blocks.length + 1) % 65_536)
      blocks.push(packet.subarray(4))
      const acknowledgement = Buffer.of(0, 4, packet[2] ?? 0, packet[3] ?? 0)
      queueMicrotask(() => socket.emit('message', acknowledgement, client))
    },
    close: () => socket.emit('close'),
  })
  const granted = { blockSize: 8, patience: 60_000, acknowledged: new Map() }
  const end = await sendFile({
    socket: socket as unknown as Socket,
    client,
    content,
    granted,
    delay: () => 0,
  })
  t.deepEqual(end, { how: 'whole', blocks: 70_001, sentAgain: 0 })
  t.deepEqual(new Uint8Array(Buffer.concat(blocks)), content)
})

test('writes, netascii, names out of the folder and nonsense are refused; nothing is written', async (t) => {
  const { node } = await runningLab(t)
  const before = node.listTftp()
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-put-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'CTLFile.tlv'), 'x')
  t.regex(await putWithTftpHpa(node.address, node.ports.tftp, join(folder, 'CTLFile.tlv')), /takes no files/)
  t.regex((await fetchWithTftpHpa({ ...of(node, 'CTLFile.tlv'), mode: 'netascii' })).said, /Only octet mode/)
  for (const name of [
    '../../etc/passwd',
    '/../x',
    'a/../../b',
    '..',
    '..\\x',
    'a//b',
    '.',
    `${'a'.repeat(256)}`,
  ]) {
    t.regex((await fetchWithTftpHpa(of(node, name))).said, /Access violation/, name)
  }
  t.regex((await fetchWithTftpHpa(of(node, 'no-such-file'))).said, /File not found/)
  t.deepEqual(node.listTftp(), before)
  const ask = await talker(t, node)
  for (const packet of [
    '',
    '\0',
    '\0\x01a',
    '\0\x01a\0',
    '\0\x01a\0octet',
    '\0\x01a\0octet\0blksize\0',
    '\0\x04\0\x01',
    '\0\x09aa',
  ]) {
    // What is too short to be anything may be passed over.
    const answer = await ask(packet, 300)
    if (answer !== undefined) t.is(answer.readUInt32BE(0), 0x0005_0004, JSON.stringify(packet))
  }
  t.is(await ask('\0\x05\0\x00stop\0', 100), undefined, 'an error is not answered')
  t.is((await fetchWithTftpHpa(of(node, 'CTLFile.tlv'))).bytes?.length, node.serve('CTLFile.tlv')?.length)
})

test('options out of range and unknown ones are not granted', async (t) => {
  const { node } = await runningLab(t)
  await put(node, 'some.bin', bytes(1000))
  const granted = async (...options: string[]) =>
    (await fetchRaw(t, node, ['some.bin', 'OCTET', ...options])).options
  t.is(await granted('blksize', '7'), undefined)
  t.is(await granted('blksize', 'x', 'timeout', '0', 'windowsize', '4'), undefined)
  t.is(await granted('blksize', '65465', 'TSIZE', '0'), 'blksize\x0065464\0tsize\x001000\0')
  t.is(await granted('timeout', '256', 'blksize', '512'), 'blksize\x00512\0')
})

test('a lost packet is sent again; an old acknowledgement that comes again moves nothing', async (t) => {
  const { node } = await runningLab(t)
  await put(node, 'some.bin', bytes(512 * 3))
  const socket = await bound(t)
  const came: string[] = []
  let acknowledged = -1
  let early = 0
  socket.on('message', (packet, from) => {
    const block = packet[1] === 6 ? 0 : packet.readUInt16BE(2)
    came.push(packet[1] === 6 ? 'options' : `block ${block}`)
    if (block > acknowledged + 1) early++
    // The first packet counts as lost.
    if (came.length === 1) return
    for (let times = 0; times < 3; times++) acknowledge(socket, (block - 1) & 0xffff, from.port, node)
    setTimeout(() => {
      // It may have come twice where the machine is slow.
      if (acknowledged >= block) return
      acknowledged = block
      acknowledge(socket, block, from.port, node)
    }, 100)
  })
  socket.send(request(['some.bin', 'octet', 'timeout', '1']), node.ports.tftp, node.address)
  await until(t, () => acknowledged === 4)
  t.deepEqual([...new Set(came)], ['options', 'block 1', 'block 2', 'block 3', 'block 4'])
  t.deepEqual(came.slice(0, 2), ['options', 'options'], 'the lost one came again')
  t.is(early, 0, 'nothing came before what was before it was acknowledged')
})

test('a stranger is told so and does not end the transfer', async (t) => {
  const { node } = await runningLab(t)
  await put(node, 'some.bin', bytes(600))
  const socket = await bound(t)
  socket.send(request(['some.bin', 'octet']), node.ports.tftp, node.address)
  const [, from] = await once(socket, 'message')
  const stranger = await bound(t)
  acknowledge(stranger, 1, from.port, node)
  const [refusal] = await once(stranger, 'message')
  t.is(refusal.readUInt32BE(0), 0x0005_0005)
  acknowledge(socket, 1, from.port, node)
  const [second] = await once(socket, 'message')
  t.is(second.readUInt32BE(0), 0x0003_0002)
})

test('a client that goes silent is given up, and others are served meanwhile', async (t) => {
  const { node, lines } = await runningLab(t)
  await put(node, 'some.bin', bytes(600))
  const socket = await bound(t)
  for (let index = 0; index < 3; index++)
    socket.send(request(['some.bin', 'octet']), node.ports.tftp, node.address)
  const [, first] = await once(socket, 'message')
  t.true(first.port !== node.ports.tftp, 'from a port of its own')
  t.is((await fetchWithTftpHpa(of(node, 'some.bin'))).bytes?.length, 600)
  await until(t, () => lines('tftp').some((line) => /gave up .* silent/.test(line)), 15_000)
  t.is(lines('tftp').filter((line) => /gave up/.test(line)).length, 1, 'a repeated request is one transfer')
})

test('2,000 clients at once all get their file', async (t) => {
  const { node } = await runningLab(t)
  const content = bytes(6000)
  await put(node, 'CTLFile.tlv', content)
  const source = { protocol: 'tftp', host: node.address, port: node.ports.tftp, file: 'CTLFile.tlv' } as const
  const limits = { deadline: 100_000, tries: 60 }
  const all = await Promise.all(Array.from({ length: 2000 }, () => fetchNodeFile(source, limits)))
  t.is(all.filter((got) => Buffer.from(got).equals(content)).length, 2000)
})

const request = (texts: readonly string[]) =>
  Buffer.from(`\0\x01${texts.map((text) => `${text}\0`).join('')}`, 'latin1')

function acknowledge(socket: Socket, block: number, port: number, node: LabNode): void {
  socket.send(Buffer.of(0, 4, block >> 8, block & 255), port, node.address)
}

async function bound(t: ExecutionContext): Promise<Socket> {
  const socket = createSocket('udp4')
  t.teardown(() => socket.close())
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

/** Sends what it is told and gives the answer, or undefined after so many milliseconds. */
async function talker(t: ExecutionContext, node: LabNode) {
  const socket = await bound(t)
  return async (packet: string, patience: number): Promise<Buffer | undefined> => {
    const answer = once(socket, 'message', { signal: AbortSignal.timeout(patience) })
    socket.send(Buffer.from(packet, 'latin1'), node.ports.tftp, node.address)
    return answer.then(([message]) => message as Buffer).catch(() => undefined)
  }
}

/** A client of a few lines: acknowledges everything, and puts the blocks together in the order in which they come. */
async function fetchRaw(t: ExecutionContext, node: LabNode, texts: readonly string[]) {
  const socket = await bound(t)
  const blocks: Buffer[] = []
  let options: string | undefined
  let size = 512
  const whole = new Promise<void>((resolve) => {
    socket.on('message', (packet, from) => {
      const [, kind] = packet
      if (kind === 6) {
        options = packet.toString('latin1', 2)
        size = Number(/blksize\0(\d+)/.exec(options)?.[1] ?? 512)
        acknowledge(socket, 0, from.port, node)
        return
      }
      const block = packet.readUInt16BE(2)
      if (block === ((blocks.length + 1) & 0xffff)) blocks.push(packet.subarray(4))
      acknowledge(socket, block, from.port, node)
      if (packet.length < size + 4) resolve()
    })
  })
  socket.send(request(texts), node.ports.tftp, node.address)
  await whole
  return { content: new Uint8Array(Buffer.concat(blocks)), options }
}

async function until(t: ExecutionContext, holds: () => boolean, patience = 10_000): Promise<void> {
  const end = Date.now() + patience
  while (!holds() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20))
  t.true(holds())
}
