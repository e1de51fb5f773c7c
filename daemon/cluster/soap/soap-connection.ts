/** Posts to one web service of one node: TLS first, then the password, and never a second try with a refused one. */
import { createHash } from 'node:crypto'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { BridgeError, type BridgeErrorCode } from '../../bridge-error.js'
import { systemReason } from '../files/node-error.js'
import { openTls } from '../tls/open-tls.js'
import type { TlsTrust } from '../tls/tls-trust.js'
import { type HttpAnswer, loginProblem, type SoapService } from './soap-answer.js'

export interface WebServer {
  /** Name in the settings. */
  readonly node: string
  readonly host: string
  readonly port: number
  readonly user: string
  /** Asked for anew each time, and only when the node's certificate was found right. */
  readonly password: () => Promise<string>
  readonly tls: TlsTrust
}

export interface SoapRequest {
  readonly path: string
  readonly action: string
  readonly envelope: string
  /** Milliseconds for the whole. */
  readonly deadline: number
  /** Called when the request is about to leave: from then on the node may have done what it asks. */
  readonly onSent?: () => void
}

export interface SoapConnection {
  /** One at a time, in the order of the calls, so that a wrong password costs one failed login and no more. */
  readonly post: (request: SoapRequest) => Promise<HttpAnswer>
}

/** Far more than any answer that is asked for here, and read within a second or two on a slow machine. */
export const MAX_ANSWER_BYTES = 256 * 1024

export function makeSoapConnection(server: WebServer, service: SoapService): SoapConnection {
  let last: Promise<unknown> = Promise.resolve()
  let refused: { readonly digest: string; readonly problem: BridgeError } | undefined
  const attempt = async (wanted: SoapRequest) => {
    let digest = ''
    // CUCM locks an account after several failed logins: a password that was refused is not sent again.
    const password = async () => {
      const text = await server.password()
      digest = createHash('sha256').update(text).digest('hex')
      if (refused?.digest === digest) throw refused.problem
      return text
    }
    const answer = await postOnce(server, password, wanted)
    const problem = loginProblem(answer, service)
    if (problem === undefined) return answer
    refused = { digest, problem }
    throw problem
  }
  return {
    post: (wanted) => {
      const turn = last.then(() => attempt(wanted))
      last = turn.catch(() => undefined)
      return turn
    },
  }
}

async function postOnce(
  server: WebServer,
  passwordOf: () => Promise<string>,
  wanted: SoapRequest,
): Promise<HttpAnswer> {
  const signal = AbortSignal.timeout(wanted.deadline)
  const { node, host, port, tls } = server
  const socket = await openTls({ host, port, trust: tls, fingerprintSetting: 'web_fingerprint' }, signal)
  try {
    const password = await passwordOf()
    const response = await answerTo(send(server, wanted, socket, password), node)
    return { status: statusOf(response, node), body: await readBody(response, node) }
  } catch (error) {
    if (!signal.aborted) throw error
    throw failed(node, 'NODE_TIMEOUT', `The node did not answer whole within ${wanted.deadline / 1000} s.`)
  } finally {
    socket.destroy()
  }
}

const failed = (node: string, code: BridgeErrorCode, detail: string) =>
  new BridgeError(code, detail, { node })

function send(server: WebServer, wanted: SoapRequest, socket: TLSSocket, password: string): ClientRequest {
  const body = Buffer.from(wanted.envelope)
  const sent = request({
    createConnection: () => socket,
    method: 'POST',
    path: wanted.path,
    headers: {
      Host: `${server.host.includes(':') ? `[${server.host}]` : server.host}:${server.port}`,
      Authorization: `Basic ${Buffer.from(`${server.user}:${password}`).toString('base64')}`,
      'Content-Type': 'text/xml; charset=utf-8',
      'Content-Length': body.length,
      SOAPAction: `"${wanted.action}"`,
      Accept: 'text/xml',
      'Accept-Encoding': 'identity',
      Connection: 'close',
    },
  })
  wanted.onSent?.()
  sent.end(body)
  return sent
}

function answerTo(sent: ClientRequest, node: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once('response', resolve)
    // Stays until the end: destroying a request that still runs is told as an error, too.
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const isHttp = !error.code?.startsWith('HPE_')
      reject(
        isHttp
          ? failed(node, 'NODE_ANSWER_WRONG', `No answer came: ${systemReason(error)}`)
          : failed(node, 'NODE_ANSWER_WRONG', 'The answer is no HTTP.'),
      )
    })
  })
}

function statusOf({ statusCode = 0, headers }: IncomingMessage, node: string): number {
  if (statusCode >= 300 && statusCode < 400) {
    const where = headers.location === undefined ? 'elsewhere' : `to ${JSON.stringify(headers.location)}`
    throw failed(node, 'NODE_ANSWER_WRONG', `The node points ${where}, which is not followed.`)
  }
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    throw failed(node, 'NODE_ANSWER_WRONG', `The answer comes packed as ${JSON.stringify(encoding)}.`)
  }
  return statusCode
}

async function readBody(response: IncomingMessage, node: string): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let size = 0
  try {
    for await (const part of response) {
      parts.push(part)
      size += part.length
      if (size > MAX_ANSWER_BYTES) break
    }
  } catch {
    throw failed(node, 'NODE_ANSWER_WRONG', `The answer ended in the middle, after ${size} bytes.`)
  }
  if (size > MAX_ANSWER_BYTES) {
    throw failed(node, 'NODE_ANSWER_WRONG', `The answer has more than ${MAX_ANSWER_BYTES} bytes.`)
  }
  return Buffer.concat(parts)
}
