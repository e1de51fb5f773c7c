/** Port 6970 of Cisco Tftp (CUCM 8.5 and later): the same files over HTTP. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterDelay } from './door.js'
import { servedName } from './served-name.js'

export interface HttpFilesParts {
  readonly serve: (file: string) => Uint8Array | undefined
  readonly delay: () => number
  readonly log: (line: string) => void
}

export function makeHttpFiles({ serve, delay, log }: HttpFilesParts) {
  const server = createServer((request, response) => {
    request.resume()
    afterDelay(delay(), () => answer(request, response))
  })

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const asked = `${request.method} ${JSON.stringify(request.url)} by ${request.socket.remoteAddress}`
    const end = (status: number, text: string): void => {
      log(`${asked}: ${status}`)
      response.writeHead(status, { 'Content-Type': 'text/plain', 'Content-Length': Buffer.byteLength(text) })
      response.end(request.method === 'HEAD' ? undefined : text)
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      end(405, 'This server only gives files.\n')
      return
    }
    const file = fileOf(request.url ?? '/')
    const content = file === undefined ? undefined : serve(file)
    if (content === undefined) {
      end(404, 'File not found.\n')
      return
    }
    log(`${asked}: ${content.length} bytes`)
    response.writeHead(200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': content.length,
    })
    response.end(request.method === 'HEAD' ? undefined : content)
  }
  return server
}

/** Decoded before it is looked at, so that `%2e%2e` is two dots. */
function fileOf(url: string): string | undefined {
  const [path = ''] = url.split('?')
  try {
    return servedName(decodeURIComponent(path))
  } catch {
    return undefined
  }
}
