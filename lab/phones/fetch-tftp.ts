/** A phone's TFTP client: RFC 1350 with the blksize option (RFC 2347, 2348), read requests only. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import type { Fetched } from './decide.js'
import type { FetchLimits, FileServer } from './fetch-file.js'

const op = { read: 1, data: 3, acknowledge: 4, error: 5, optionsAccepted: 6 } as const
const FILE_NOT_FOUND = 1
/** RFC 1350 without options. */
const PLAIN_BLOCK = 512
/** RFC 2348: fits an Ethernet frame with the headers of IP, UDP and TFTP. */
const WANTED_BLOCK = 1428

export function fetchOverTftp(server: FileServer, name: string, limits: FetchLimits): Promise<Fetched> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    const transfer = new Transfer(socket, server, limits, resolve)
    socket.on('error', (error) => transfer.end({ kind: 'unreachable', cause: error.message }))
    socket.on('message', (packet, from) => transfer.take(packet, from))
    transfer.send(readRequest(name), server.port)
  })
}

function readRequest(name: string): Buffer {
  return Buffer.concat([
    Buffer.of(0, op.read),
    Buffer.from(`${name}\0octet\0blksize\0${WANTED_BLOCK}\0`, 'latin1'),
  ])
}

/** One file being read. */
class Transfer {
  readonly #socket: Socket
  readonly #server: FileServer
  readonly #limits: FetchLimits
  readonly #resolve: (fetched: Fetched) => void
  readonly #blocks: Buffer[] = []
  #blockSize = PLAIN_BLOCK
  #size = 0
  /** The server's port for this transfer (RFC 1350 §4); undefined until its first packet. */
  #port: number | undefined
  #last: Buffer = Buffer.alloc(0)
  #tries = 0
  #timer: NodeJS.Timeout | undefined
  #ended = false

  constructor(socket: Socket, server: FileServer, limits: FetchLimits, resolve: (fetched: Fetched) => void) {
    this.#socket = socket
    this.#server = server
    this.#limits = limits
    this.#resolve = resolve
  }

  /** Sends, and again each time nothing new comes. */
  send(packet: Buffer, port: number): void {
    this.#last = packet
    this.#tries = 0
    this.#sendLast(port)
  }

  #sendLast(port: number): void {
    clearTimeout(this.#timer)
    this.#tries += 1
    if (this.#tries > this.#limits.tries) {
      this.end({ kind: 'unreachable', cause: 'no answer' })
      return
    }
    this.#socket.send(this.#last, port, this.#server.host, (error) => {
      if (error) this.end({ kind: 'unreachable', cause: error.message })
    })
    this.#timer = setTimeout(() => this.#sendLast(port), this.#limits.wait)
  }

  take(packet: Buffer, from: RemoteInfo): void {
    if (this.#ended || packet.length < 4 || from.address !== this.#server.host) return
    this.#port ??= from.port
    // RFC 1350 §4: a packet from elsewhere is not of this transfer.
    if (from.port !== this.#port) return
    const code = packet.readUInt16BE(0)
    if (code === op.error) this.#takeError(packet)
    else if (code === op.data) this.#takeData(packet, from)
    else if (code === op.optionsAccepted && this.#blocks.length === 0) this.#takeOptions(packet)
  }

  #takeError(packet: Buffer): void {
    const number = packet.readUInt16BE(2)
    const text = packet.toString('latin1', 4).replace(/\0.*$/s, '')
    this.end(
      number === FILE_NOT_FOUND
        ? { kind: 'none' }
        : { kind: 'unreachable', cause: `TFTP error ${number}: ${text}` },
    )
  }

  #takeOptions(packet: Buffer): void {
    const texts = packet.toString('latin1', 2).split('\0')
    const place = texts.findIndex((text) => text.toLowerCase() === 'blksize')
    const size = Number(texts[place + 1])
    if (place < 0 || !Number.isInteger(size) || size < 8 || size > WANTED_BLOCK) {
      this.end({ kind: 'unreachable', cause: 'the server answers options nobody asked for' })
      return
    }
    this.#blockSize = size
    this.#acknowledge(0)
  }

  #takeData(packet: Buffer, from: RemoteInfo): void {
    const number = packet.readUInt16BE(2)
    // A block that came before: its acknowledgement was lost. Such repetitions do not count as progress.
    if (number === this.#blocks.length) this.#socket.send(this.#last, from.port, from.address)
    if (number !== this.#blocks.length + 1) return
    const block = packet.subarray(4)
    this.#blocks.push(block)
    this.#size += block.length
    if (this.#size > this.#limits.ceiling) {
      this.end({ kind: 'too large' })
      return
    }
    this.#acknowledge(number)
    if (block.length < this.#blockSize) this.end({ kind: 'file', bytes: plain(Buffer.concat(this.#blocks)) })
  }

  #acknowledge(number: number): void {
    const packet = Buffer.of(0, op.acknowledge, 0, 0)
    packet.writeUInt16BE(number, 2)
    this.send(packet, this.#port ?? this.#server.port)
  }

  end(fetched: Fetched): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#timer)
    // The last acknowledgement is still to leave.
    setImmediate(() => this.#socket.close())
    this.#resolve(fetched)
  }
}

const plain = (bytes: Buffer): Uint8Array => new Uint8Array(bytes)
