/** Cisco Tftp's UDP port: RFC 1350 with blksize, timeout and tsize; reading alone. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterDelay, type Door } from '../door.js'
import { servedName } from '../served-name.js'
import { grantOptions } from './tftp-options.js'
import { errorCodes, errorPacket, readPacket } from './tftp-packets.js'
import { sendFile, type TransferEnd } from './tftp-transfer.js'

export interface TftpParts {
  readonly address: string
  readonly port: number
  readonly serve: (file: string) => Uint8Array | undefined
  readonly delay: () => number
  readonly log: (line: string) => void
}

interface Wish {
  readonly file: string
  readonly options: ReadonlyMap<string, string>
  readonly client: RemoteInfo
}

/**
 * Transfers at a time. Each holds a socket, of which a process may have only so many; who comes later waits, and is
 * served before who comes after.
 */
const AT_A_TIME = 512
/** Who would have to wait longer than that asks again anyway. */
const WAITING = 16_384

export function makeTftpDoor(parts: TftpParts): Door {
  const { address, serve, delay, log } = parts
  let port = parts.port
  let socket: Socket | undefined
  let isOpen = false
  const transfers = new Map<string, Socket>()
  const waiting = new Map<string, Wish>()

  const refuse = (client: RemoteInfo, code: number, message: string): void => {
    afterDelay(delay(), () =>
      socket?.send(errorPacket(code, message), client.port, client.address, () => undefined),
    )
  }

  const receive = (bytes: Buffer, client: RemoteInfo): void => {
    if (!isOpen) return
    const packet = readPacket(bytes)
    // RFC 1350 §7: an error is never answered with an error.
    if (packet?.kind === 'error') return
    if (packet === undefined || packet.kind === 'acknowledgement') {
      refuse(client, errorCodes.illegalOperation, 'Illegal TFTP operation')
      return
    }
    const asked = `${JSON.stringify(packet.file)} by ${nameOf(client)}`
    if (packet.kind === 'write') {
      log(`write of ${asked} refused`)
      refuse(client, errorCodes.accessViolation, 'This server takes no files')
      return
    }
    if (packet.mode !== 'octet') {
      log(`read of ${asked} refused: mode ${JSON.stringify(packet.mode)}`)
      refuse(client, errorCodes.notDefined, 'Only octet mode is served')
      return
    }
    const file = servedName(packet.file)
    if (file === undefined) {
      log(`read of ${asked} refused: not a name inside the TFTP folder`)
      refuse(client, errorCodes.accessViolation, 'Access violation')
      return
    }
    const key = nameOf(client)
    // The client repeats its request until the first packet comes.
    if (transfers.has(key) || waiting.has(key) || waiting.size >= WAITING) return
    waiting.set(key, { file, options: packet.options, client })
    next()
  }

  const next = (): void => {
    for (const [key, wish] of waiting) {
      if (transfers.size >= AT_A_TIME) return
      waiting.delete(key)
      const content = serve(wish.file)
      if (content === undefined) {
        log(`read of ${JSON.stringify(wish.file)} by ${key}: no such file`)
        refuse(wish.client, errorCodes.fileNotFound, 'File not found')
      } else begin(key, wish, content)
    }
  }

  const begin = (key: string, { file, options, client }: Wish, content: Uint8Array): void => {
    const own = createSocket('udp4')
    transfers.set(key, own)
    const granted = grantOptions(options, content.length)
    // Before the first packet, which would bind it to any address.
    own.bind(0, address)
    const over = sendFile({ socket: own, client, content, granted, delay })
    void over.then((end) => {
      transfers.delete(key)
      log(endLine(JSON.stringify(file), key, content.length, end))
      next()
    })
  }

  const shut = (): void => {
    isOpen = false
    waiting.clear()
    for (const own of transfers.values()) own.close()
  }

  return {
    open: async () => {
      isOpen = true
      if (socket !== undefined) return port
      const opened = createSocket('udp4')
      opened.on('message', receive)
      opened.bind(port, address)
      await once(opened, 'listening')
      // What the system does not grant it cuts: a thousand requests in one moment should not be lost here.
      opened.setRecvBufferSize(4 * 1024 * 1024)
      opened.on('error', (error) => log(`socket: ${error.message}`))
      port = opened.address().port
      socket = opened
      return port
    },
    // A port that is deaf, as of a host that is down; it stays bound, because thousands of phones look for free ports.
    shut: async () => shut(),
    close: async () => {
      shut()
      const closing = socket
      if (closing === undefined) return
      socket = undefined
      const closed = once(closing, 'close')
      closing.close()
      await closed
    },
  }
}

const nameOf = ({ address, port }: RemoteInfo): string => `${address}:${port}`

function endLine(file: string, client: string, size: number, end: TransferEnd): string {
  const what = `${file} to ${client}`
  switch (end.how) {
    case 'whole':
      return `sent ${what}: ${size} bytes in ${end.blocks} blocks, ${end.sentAgain} of them again`
    case 'silent':
      return `gave up ${what}: the client went silent`
    case 'refused':
      return `gave up ${what}: the client refused: ${JSON.stringify(end.message)}`
    case 'closed':
      return `gave up ${what}: the server was closed`
  }
}
