/** A client of TVS in a few lines, from the description of the message alone. */
import { EventEmitter, once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import type { ExecutionContext } from 'ava'
import type { LabNode } from '../../../lab/model/lab-cluster.js'

export type Elements = ReadonlyArray<readonly [tag: number, value: Uint8Array]>

export interface Answer {
  readonly type: number
  readonly session: number
  readonly status: number | undefined
  readonly roles: readonly number[]
  readonly ttl: number | undefined
}

export const device: Elements[number] = [1, Buffer.from('\x01CP-7965-SEP001122334455', 'latin1')]
export const text = (value: string): Uint8Array => Buffer.from(`${value}\0`)

export function message(type: number, session: number, elements: Elements): Buffer {
  const body = Buffer.concat(
    elements.map(([tag, value]) =>
      Buffer.concat([Buffer.of(tag, value.length >> 8, value.length & 255), value]),
    ),
  )
  const head = Buffer.from('57010000000000000000', 'hex')
  head[2] = type
  head.writeUInt32BE(session, 4)
  head.writeUInt16BE(body.length, 8)
  return Buffer.concat([head, body])
}

export function readAnswer(bytes: Buffer): Answer {
  const found = new Map<number, Buffer>()
  for (let at = 10; at < bytes.length; ) {
    const length = bytes.readUInt16BE(at + 1)
    found.set(bytes.readUInt8(at), bytes.subarray(at + 3, at + 3 + length))
    at += 3 + length
  }
  return {
    type: bytes.readUInt8(2),
    session: bytes.readUInt32BE(4),
    status: found.get(7)?.readUInt8(0),
    roles: [...(found.get(8) ?? [])],
    ttl: found.get(9)?.readUInt32BE(0),
  }
}

export interface Talk {
  readonly socket: TLSSocket
  readonly say: (bytes: Uint8Array) => void
  /** The next whole answer; undefined when the server ends instead. */
  readonly hear: () => Promise<Answer | undefined>
}

export async function talkToTvs(t: ExecutionContext, node: LabNode): Promise<Talk> {
  const socket = connect({ host: node.address, port: node.ports.tvs, rejectUnauthorized: false })
  t.teardown(() => socket.destroy())
  let waiting = Buffer.alloc(0)
  let isOver = false
  // An error of the socket ends the talk; whoever waits hears of its end.
  const news = new EventEmitter()
  socket.on('error', () => undefined)
  socket.on('close', () => {
    isOver = true
    news.emit('heard')
  })
  socket.on('data', (bytes: Buffer) => {
    waiting = Buffer.concat([waiting, bytes])
    news.emit('heard')
  })
  await once(socket, 'secureConnect')
  const take = (): Buffer | undefined => {
    if (waiting.length < 10 || waiting.length < 10 + waiting.readUInt16BE(8)) return undefined
    const end = 10 + waiting.readUInt16BE(8)
    const whole = waiting.subarray(0, end)
    waiting = waiting.subarray(end)
    return whole
  }
  return {
    socket,
    say: (bytes) => void socket.write(bytes),
    hear: async () => {
      for (let whole = take(); ; whole = take()) {
        if (whole !== undefined) return readAnswer(whole)
        if (isOver) return undefined
        await once(news, 'heard')
      }
    },
  }
}
