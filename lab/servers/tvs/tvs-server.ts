/**
 * Trust Verification Service: TLS, many requests on a connection, many connections. Who sends no proper message is cut off
 * and harms nobody else.
 */
import { createServer, type TLSSocket } from 'node:tls'
import type { LabCluster, LabNode } from '../../model/lab-cluster.js'
import { afterDelay } from '../door.js'
import { tlsOptions } from '../tls-context.js'
import { answerMessage, type Trust } from './tvs-answer.js'
import { TvsFormatError, takeMessage } from './tvs-messages.js'

export interface TvsLimits {
  /** Milliseconds that a connection may say nothing. */
  readonly idle: number
  /** Milliseconds that a message may take from its first byte to its last. */
  readonly message: number
}

/** Milliseconds. When thousands of phones come at once, the last handshake is done long after it began. */
const HANDSHAKE = 60_000
/** Bytes of answers that a client does not fetch; a thousand phones' worth. */
const UNREAD = 64 * 1024

const usualLimits: TvsLimits = { idle: 60_000, message: 10_000 }

/** What TVS needs of its node. */
export type TvsNode = Pick<LabNode, 'tvs' | 'faults' | 'findTrust' | 'log'>

export function makeTvs(lab: Pick<LabCluster, 'tvsPolicy'>, node: TvsNode, limits: TvsLimits = usualLimits) {
  const log = (line: string): void => node.log('tvs', line)
  const trust: Trust = { find: node.findTrust, policy: lab.tvsPolicy, log }
  const server = createServer({ ...tlsOptions(node.tvs), handshakeTimeout: HANDSHAKE }, (socket) =>
    converse(socket, { trust, limits, delay: () => node.faults.delay }),
  )
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    log(`debug tvsHandshake - failed : ${error.code ?? 'for no reason given'}`)
    socket.destroy()
  })
  return server
}

interface Talk {
  readonly trust: Trust
  readonly limits: TvsLimits
  readonly delay: () => number
}

function converse(socket: TLSSocket, { trust, limits, delay }: Talk): void {
  let waiting: Buffer = Buffer.alloc(0)
  let deadline: NodeJS.Timeout | undefined
  const cutOff = (why: string): void => {
    trust.log(`debug tvsCloseConnection - ${why}`)
    socket.destroy()
  }
  const read = (): void => {
    for (let taken = takeMessage(waiting); taken !== undefined; taken = takeMessage(waiting)) {
      clearTimeout(deadline)
      deadline = undefined
      waiting = taken.rest
      const answer = answerMessage(taken.message, trust)
      afterDelay(delay(), () => {
        if (socket.writable) socket.write(answer)
        if (socket.writableLength > UNREAD) cutOff('the answers are not fetched')
      })
    }
    // What trickles in byte by byte must not hold the connection for ever.
    if (waiting.length > 0)
      deadline ??= setTimeout(() => cutOff('a message was not finished in time'), limits.message)
  }
  socket.setTimeout(limits.idle, () => cutOff('nothing was asked for too long'))
  socket.on('error', () => socket.destroy())
  socket.on('close', () => clearTimeout(deadline))
  socket.on('data', (bytes: Buffer) => {
    waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes])
    try {
      read()
    } catch (error) {
      if (!(error instanceof TvsFormatError)) throw error
      cutOff(error.message)
    }
  })
}
