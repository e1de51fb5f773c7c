/** The Trust Verification Service of one node, asked as a phone asks it: one connection, one question. */
import { randomBytes } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { BridgeError, type BridgeErrorCode } from '../../bridge-error.js'
import type { Tvs, TvsAnswer } from '../ports.js'
import { openTls } from '../tls/open-tls.js'
import type { TlsTrust } from '../tls/tls-trust.js'
import {
  decodeTvsHeader,
  decodeVerifyResponse,
  encodeVerifyRequest,
  TVS_HEADER_LENGTH,
  TvsRefusal,
} from './tvs-message.js'

export interface TvsServer {
  /** Name in the settings. */
  readonly node: string
  readonly host: string
  readonly port: number
  readonly tls: TlsTrust
  /**
   * Phones send model and name, such as `CP-8861-SEP001122334455`, and TVS writes that into its trace. [inferred] Any
   * name will do; the usual one says who asked.
   */
  readonly deviceName?: string
  /** Milliseconds for the whole. */
  readonly deadline?: number
}

const USUAL_DEADLINE = 10_000

export function openTvs(server: TvsServer): Tvs {
  return {
    verify: async (certificate) => {
      const { node, host, port, tls, deviceName = 'ctl-bridge', deadline = USUAL_DEADLINE } = server
      const session = randomBytes(4).readUInt32BE()
      const request = requestFor(session, deviceName, certificate, node)
      const signal = AbortSignal.timeout(deadline)
      const socket = await openTls({ host, port, trust: tls, fingerprintSetting: 'tvs_fingerprint' }, signal)
      try {
        socket.write(request)
        return read(await messageOn(socket, signal, node, deadline), session, node)
      } finally {
        socket.destroy()
      }
    },
  }
}

const failed = (node: string, code: BridgeErrorCode, detail: string) =>
  new BridgeError(code, detail, { node })

function requestFor(session: number, deviceName: string, certificate: Uint8Array, node: string): Uint8Array {
  try {
    return encodeVerifyRequest(session, deviceName, certificate)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const detail = `A certificate of ${certificate.length} bytes is too large to ask TVS about.`
    throw failed(node, 'CERTIFICATE_FILE_UNCLEAR', detail)
  }
}

/** Reads as many bytes as the message says it has, and not one more. */
async function messageOn(
  socket: TLSSocket,
  signal: AbortSignal,
  node: string,
  deadline: number,
): Promise<Uint8Array> {
  let bytes = Buffer.alloc(0)
  const wanted = () => TVS_HEADER_LENGTH + (bytes.length < TVS_HEADER_LENGTH ? 0 : checkedLength(bytes, node))
  try {
    for await (const part of socket) {
      bytes = Buffer.concat([bytes, part])
      if (bytes.length >= wanted()) break
    }
  } catch (error) {
    // A connection that was cut is told below, by what had come.
    if (error instanceof BridgeError) throw error
  }
  if (bytes.length < wanted()) throw endedEarly(bytes.length, signal, node, deadline)
  if (bytes.length > wanted()) {
    const detail = `TVS sent ${bytes.length} bytes, and the message says it has ${wanted()}.`
    throw failed(node, 'NODE_ANSWER_WRONG', detail)
  }
  return bytes
}

function checkedLength(bytes: Uint8Array, node: string): number {
  try {
    return decodeTvsHeader(bytes).length
  } catch (error) {
    throw refused(error, node)
  }
}

function endedEarly(size: number, signal: AbortSignal, node: string, deadline: number): BridgeError {
  const within = `within ${deadline / 1000} s`
  if (!signal.aborted) {
    return failed(node, 'NODE_ANSWER_WRONG', `TVS ended the connection after ${size} bytes of its answer.`)
  }
  if (size === 0) return failed(node, 'NODE_TIMEOUT', `TVS did not answer ${within}.`)
  return failed(node, 'NODE_ANSWER_WRONG', `TVS sent only ${size} bytes of its answer ${within}.`)
}

function read(message: Uint8Array, session: number, node: string): TvsAnswer {
  try {
    return decodeVerifyResponse(message, session)
  } catch (error) {
    throw refused(error, node)
  }
}

function refused(error: unknown, node: string): unknown {
  if (!(error instanceof TvsRefusal)) return error
  return failed(
    node,
    'NODE_ANSWER_WRONG',
    `The answer of TVS is wrong at byte ${error.offset}: ${error.message}.`,
  )
}
