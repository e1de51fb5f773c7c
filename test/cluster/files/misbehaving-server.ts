/** A TFTP server that does what it is told packet by packet, without any code of the product. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'

export interface Heard {
  readonly opcode: number
  /** Block number of an acknowledgement, code of an error. */
  readonly number: number
  /** Words of a request. */
  readonly words: readonly string[]
}

export interface Client {
  /** From the port of the transfer, which is another than the server's. */
  readonly send: (packet: Buffer) => void
  /** From a port that has no part in the transfer. */
  readonly sendFromElsewhere: (packet: Buffer) => void
}

export interface Misbehaving {
  readonly port: number
  readonly heard: Heard[]
  /** What came to the port that has no part. */
  readonly heardElsewhere: Heard[]
  readonly stop: () => void
}

const word = (value: number): Buffer => Buffer.of(value >> 8, value & 0xff)
export const data = (block: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([word(3), word(block & 0xffff), bytes])
export const error = (code: number, text: string): Buffer =>
  Buffer.concat([word(5), word(code), Buffer.from(`${text}\0`)])
export const optionsAccepted = (...words: string[]): Buffer =>
  Buffer.concat([word(6), Buffer.from(words.map((text) => `${text}\0`).join(''))])

function hear(message: Buffer): Heard {
  const opcode = message.readUInt16BE(0)
  const words = opcode === 1 ? message.subarray(2, -1).toString().split('\0') : []
  return { opcode, number: opcode === 1 ? 0 : message.readUInt16BE(2), words }
}

/** `answer` is called for every packet of the client. */
export async function misbehave(
  answer: (heard: Heard, client: Client, count: number) => void,
): Promise<Misbehaving> {
  const [door, transfer, elsewhere] = await Promise.all([open(), open(), open()])
  let stopped = false
  const heard: Heard[] = []
  const heardElsewhere: Heard[] = []
  const listen = (message: Buffer, { port, address }: RemoteInfo) => {
    const packet = hear(message)
    heard.push(packet)
    const through = (socket: Socket) => (bytes: Buffer) => {
      if (!stopped) socket.send(bytes, port, address, () => undefined)
    }
    answer(packet, { send: through(transfer), sendFromElsewhere: through(elsewhere) }, heard.length)
  }
  door.on('message', listen)
  transfer.on('message', listen)
  elsewhere.on('message', (message) => heardElsewhere.push(hear(message)))
  return {
    port: door.address().port,
    heard,
    heardElsewhere,
    stop: () => {
      stopped = true
      for (const socket of [door, transfer, elsewhere]) socket.close()
    },
  }
}

async function open(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}
