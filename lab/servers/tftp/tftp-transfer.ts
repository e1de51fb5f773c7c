/** One file on its way to one client, from a port of its own (RFC 1350 §4). */
import type { RemoteInfo, Socket } from 'node:dgram'
import { afterDelay } from '../door.js'
import type { Granted } from './tftp-options.js'
import { dataPacket, errorCodes, errorPacket, optionPacket, readPacket } from './tftp-packets.js'

export interface Transfer {
  /** Bound, and nobody else's. */
  readonly socket: Socket
  readonly client: { readonly address: string; readonly port: number }
  readonly content: Uint8Array
  readonly granted: Granted
  readonly delay: () => number
}

export type TransferEnd =
  | { readonly how: 'whole'; readonly blocks: number; readonly sentAgain: number }
  | { readonly how: 'silent' }
  | { readonly how: 'refused'; readonly message: string }
  | { readonly how: 'closed' }

/** How often a packet is sent in all before the client counts as gone. */
const TRIES = 5

/** Resolves when it is over, however that was; the socket is closed then. */
export function sendFile({ socket, client, content, granted, delay }: Transfer): Promise<TransferEnd> {
  const blocks = Math.floor(content.length / granted.blockSize) + 1
  return new Promise((resolve) => {
    // 0 is the acknowledgement of options, which the client acknowledges as block 0 (RFC 2347).
    let block = granted.acknowledged.size > 0 ? 0 : 1
    let tries = 0
    let sentAgain = 0
    let timer: NodeJS.Timeout | undefined
    let end: TransferEnd | undefined

    const finish = (how: TransferEnd): void => {
      clearTimeout(timer)
      if (end !== undefined) return
      end = how
      socket.close()
    }
    const packet = (): Buffer => {
      if (block === 0) return optionPacket(granted.acknowledged)
      const from = (block - 1) * granted.blockSize
      return dataPacket(block, content.subarray(from, from + granted.blockSize))
    }
    const send = (): void => {
      clearTimeout(timer)
      if (end !== undefined) return
      if (tries === TRIES) {
        finish({ how: 'silent' })
        return
      }
      if (tries > 0) sentAgain++
      tries++
      socket.send(packet(), client.port, client.address, () => undefined)
      timer = setTimeout(sendLater, granted.patience)
    }
    const sendLater = (): void => afterDelay(delay(), send)

    const acknowledge = (acknowledged: number): void => {
      // Only what is awaited moves on: an acknowledgement that came twice must not double every packet that follows
      // (RFC 1123 §4.2.3.1, the Sorcerer's Apprentice).
      if (acknowledged !== (block & 0xffff)) return
      if (block === blocks) {
        finish({ how: 'whole', blocks, sentAgain })
        return
      }
      clearTimeout(timer)
      block++
      tries = 0
      sendLater()
    }
    socket.on('message', (bytes: Buffer, from: RemoteInfo) => {
      if (from.port !== client.port || from.address !== client.address) {
        const stranger = errorPacket(errorCodes.unknownTransferId, 'Unknown transfer ID')
        socket.send(stranger, from.port, from.address, () => undefined)
        return
      }
      const read = readPacket(bytes)
      if (read?.kind === 'acknowledgement') acknowledge(read.block)
      if (read?.kind === 'error') finish({ how: 'refused', message: read.message })
    })
    socket.on('error', () => finish({ how: 'closed' }))
    // Whoever closes the socket, as the server does when its node goes down, ends the transfer.
    socket.once('close', () => {
      clearTimeout(timer)
      end ??= { how: 'closed' }
      resolve(end)
    })
    sendLater()
  })
}
