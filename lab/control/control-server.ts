/** The control socket. Whoever may open it may change the lab, and only its user may. */

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { LabProblem } from '../lab-folder.js'
import { type ControlRoute, controlRoutes } from './control-messages.js'

export type ControlHandlers = Readonly<Record<ControlRoute, (body: unknown) => Promise<unknown>>>

/** A CTL file as base64 and some more. */
const LARGEST_BODY = 2 * 1024 * 1024
/** Milliseconds that answers get when the lab ends. */
const GRACE = 2000
/** sun_path has 108 bytes with its NUL (unix(7)). */
const LONGEST_PATH = 107

export async function startControl(socket: string, handlers: ControlHandlers): Promise<() => Promise<void>> {
  if (Buffer.byteLength(socket) > LONGEST_PATH) {
    throw new LabProblem(
      `The path ${socket} is too long for a socket: set XDG_RUNTIME_DIR to a shorter folder.`,
    )
  }
  const server = createServer((request, response) => {
    answer(request, handlers).then(
      (result) =>
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(result ?? null)),
      (error: Error) =>
        response
          .writeHead(400, { 'Content-Type': 'application/json' })
          .end(JSON.stringify({ problem: error.message })),
    )
  })
  // Resets of thousands of phones take their time.
  server.requestTimeout = 0
  bind(server, socket)
  await once(server, 'listening')
  return async () => {
    const closed = once(server, 'close')
    server.close()
    // The answer to whoever asked for the end is still on its way.
    server.closeIdleConnections()
    const force = setTimeout(() => server.closeAllConnections(), GRACE)
    await closed
    clearTimeout(force)
  }
}

/** The mode is given at bind: between bind and a chmod anybody could connect. */
function bind(server: Server, socket: string): void {
  const umask = process.umask(0o177)
  try {
    server.listen(socket)
  } finally {
    process.umask(umask)
  }
}

async function answer(request: IncomingMessage, handlers: ControlHandlers): Promise<unknown> {
  const asked = `${request.method} ${request.url}`
  const route = (Object.keys(controlRoutes) as ControlRoute[]).find((name) => controlRoutes[name] === asked)
  if (route === undefined) throw new Error(`The lab does not know ${asked}.`)
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > LARGEST_BODY) throw new Error('The request is too large.')
    parts.push(part)
  }
  const text = Buffer.concat(parts).toString('utf8')
  return await handlers[route](text === '' ? undefined : JSON.parse(text))
}
