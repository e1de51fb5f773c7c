/** A file over HTTP, as phones fetch it from port 6970 (CUCM 8.5 and later), or over HTTPS. */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { type FetchLimits, tooLarge } from './fetch-limits.js'
import { nodeError, systemReason } from './node-error.js'
import type { NodeFile } from './node-file.js'

export async function readOverHttp(source: NodeFile, limits: FetchLimits): Promise<Uint8Array> {
  const { get } = await (source.protocol === 'https' ? import('node:https') : import('node:http'))
  const signal = AbortSignal.timeout(limits.deadline)
  const request = get({
    host: source.host,
    port: source.port,
    path: `/${source.file}`,
    headers: { Accept: 'application/octet-stream, */*', 'Accept-Encoding': 'identity', Connection: 'close' },
    agent: false,
    signal,
  })
  try {
    const response = await answerTo(request, source)
    checkStatus(response, source)
    return await readBody(response, source, limits)
  } catch (error) {
    if (!signal.aborted) throw error
    throw nodeError('NODE_TIMEOUT', source, `The file did not come whole within ${limits.deadline / 1000} s.`)
  } finally {
    request.destroy()
  }
}

function answerTo(request: ClientRequest, source: NodeFile): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve)
    // Stays until the end: destroying a request that still runs is told as an error, too.
    request.on('error', (error) => reject(connectionError(error, source)))
  })
}

function connectionError(error: Error, source: NodeFile) {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (code.startsWith('HPE_')) return nodeError('NODE_ANSWER_WRONG', source, 'The answer is no HTTP.')
  if (/^(EPROTO$|ERR_TLS|ERR_SSL|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO)/.test(code)) {
    const detail = `TLS does not come about (${code}). HTTP and TFTP give the same file; its own signature protects it.`
    return nodeError('NODE_ANSWER_WRONG', source, detail)
  }
  return nodeError('NODE_UNREACHABLE', source, systemReason(error))
}

function checkStatus({ statusCode = 0, headers }: IncomingMessage, source: NodeFile): void {
  if (statusCode === 404)
    throw nodeError('NODE_HAS_NO_FILE', source, 'The node answered with HTTP status 404.')
  if (statusCode === 401 || statusCode === 403) {
    throw nodeError('NODE_REFUSES', source, `The node answered with HTTP status ${statusCode}.`)
  }
  if (statusCode >= 300 && statusCode < 400) {
    const where = headers.location === undefined ? 'elsewhere' : `to ${JSON.stringify(headers.location)}`
    throw nodeError('NODE_ANSWER_WRONG', source, `The node points ${where}, which is not followed.`)
  }
  if (statusCode !== 200) {
    throw nodeError('NODE_ANSWER_WRONG', source, `The node answered with HTTP status ${statusCode}.`)
  }
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    throw nodeError('NODE_ANSWER_WRONG', source, `The file comes packed as ${JSON.stringify(encoding)}.`)
  }
}

async function readBody(
  response: IncomingMessage,
  source: NodeFile,
  limits: FetchLimits,
): Promise<Uint8Array> {
  const said = Number(response.headers['content-length'] ?? 0)
  if (said > limits.bytes) throw tooLarge(limits.bytes)
  const parts: Buffer[] = []
  let size = 0
  try {
    for await (const part of response) {
      parts.push(part)
      size += part.length
      if (size > limits.bytes) break
    }
  } catch {
    const whole = said > 0 ? ` of ${said}` : ''
    throw nodeError('NODE_ANSWER_WRONG', source, `The answer ended after ${size}${whole} bytes.`)
  }
  if (size > limits.bytes) throw tooLarge(limits.bytes)
  return Uint8Array.from(Buffer.concat(parts))
}
