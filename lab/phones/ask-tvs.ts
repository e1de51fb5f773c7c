/** A phone's question to TVS over TLS: the first TVS that answers decides. */
import { randomInt } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { knowsTvs } from './decide.js'
import { openTls, shownCertificate, type TlsAddress } from './tls-wire.js'
import type { SignerQuestion } from './trust-list.js'
import { answerLength, decodeAnswer, encodeQuery, MAX_ANSWER, type TvsQueryAnswer } from './tvs-query.js'

export type TvsOutcome =
  | { readonly kind: 'answer'; readonly answer: TvsQueryAnswer }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'unknown certificate' }

export interface TvsRequest {
  readonly servers: readonly TlsAddress[]
  readonly question: SignerQuestion
  readonly deviceName: string
  /** By which TVS's own certificate is judged. */
  readonly installedItl: Uint8Array | undefined
  /** Milliseconds for each server. */
  readonly deadline: number
  readonly log: (level: 'NOT' | 'ERR', text: string) => void
}

export async function askTvs(request: TvsRequest): Promise<TvsOutcome> {
  let outcome: TvsOutcome = { kind: 'unreachable' }
  for (const server of request.servers) {
    const name = `${server.host}:${server.port}`
    request.log('NOT', `tvsConnect: TLS to TVS ${name}`)
    try {
      const answer = await askOne(server, request)
      if (answer) return { kind: 'answer', answer }
      request.log('ERR', `tvsConnect: certificate of TVS ${name} is not in the ITL`)
      outcome = { kind: 'unknown certificate' }
    } catch (error) {
      request.log('ERR', `tvsConnect: TVS ${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return outcome
}

/** undefined: the server's certificate is not one the ITL names, so nothing was asked. */
async function askOne(server: TlsAddress, request: TvsRequest): Promise<TvsQueryAnswer | undefined> {
  const socket = await openTls(server, request.deadline)
  try {
    if (!knowsTvs(request.installedItl, shownCertificate(socket))) return undefined
    const session = randomInt(1, 2 ** 31)
    socket.write(encodeQuery(request.question, request.deviceName, session))
    return decodeAnswer(await readAnswer(socket), session)
  } finally {
    socket.destroy()
  }
}

function readAnswer(socket: TLSSocket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0)
    socket.on('data', (block: Buffer) => {
      received = Buffer.concat([received, block])
      const length = answerLength(received)
      if (length !== undefined && length > MAX_ANSWER) reject(new Error(`an answer of ${length} bytes`))
      else if (length !== undefined && received.length >= length) resolve(received.subarray(0, length))
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the connection was closed in mid-answer')))
  })
}
