/** The two listeners: a Unix socket for the command, 127.0.0.1 for browsers and programs. */
import { mkdir, rm, stat } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { dirname } from 'node:path'
import { BridgeError } from '../bridge-error.js'

/** sun_path has 108 bytes with its NUL (unix(7)); Node cuts a longer path without a word. */
const SOCKET_PATH_BYTES = 107

export interface Listeners {
  readonly socket: string
  readonly port: number
  /** Takes no new requests, lets those in flight end for at most `graceMilliseconds`. */
  close(graceMilliseconds: number): Promise<void>
}

/** `inherited` is the descriptor of a listening Unix socket that systemd made; its file stays when we go. */
export async function listen(
  app: RequestListener,
  at: { socket: string; port: number },
  inherited?: number,
): Promise<Listeners> {
  const unix = inherited === undefined ? await listenOnSocket(app, at.socket) : await adopt(app, inherited)
  try {
    const tcp = await listenOnPort(app, at.port)
    return {
      socket: at.socket,
      port: (tcp.address() as AddressInfo).port,
      close: async (grace) => {
        await Promise.all([closeServer(unix, grace), closeServer(tcp, grace)])
        if (inherited === undefined) await rm(at.socket, { force: true })
      },
    }
  } catch (error) {
    await closeServer(unix, 0)
    throw error
  }
}

function makeServer(app: RequestListener): Server {
  const server = createServer(app)
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  server.keepAliveTimeout = 5_000
  server.maxHeadersCount = 64
  server.maxConnections = 256
  return server
}

async function listenOnSocket(app: RequestListener, path: string): Promise<Server> {
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES) {
    throw new BridgeError('SOCKET_PATH_TOO_LONG', `The socket's path has ${Buffer.byteLength(path)} bytes.`, {
      file: path,
    })
  }
  await makeFolder(path)
  await removeStaleSocket(path)
  const server = makeServer(app)
  // The mode is given at bind: between bind and a chmod anybody could connect.
  const umask = process.umask(0o117)
  try {
    await started(server, () => server.listen(path))
  } finally {
    process.umask(umask)
  }
  return server
}

async function adopt(app: RequestListener, descriptor: number): Promise<Server> {
  const server = makeServer(app)
  await started(server, () => server.listen({ fd: descriptor }))
  return server
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o755 })
  } catch (error) {
    throw new BridgeError(
      'STATE_UNUSABLE',
      `The socket's folder cannot be made: ${(error as Error).message}.`,
      {
        file: dirname(path),
      },
    )
  }
}

/** After a kill -9 the socket's file is left behind; it is stale when nobody answers on it. */
async function removeStaleSocket(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return
  if (!found.isSocket())
    throw new BridgeError('SOCKET_IN_USE', 'A file that is no socket has its path.', { file: path })
  if (await answers(path)) throw new BridgeError('SOCKET_IN_USE', 'A daemon answers on it.', { file: path })
  await rm(path, { force: true })
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const client = connect(path)
    client.once('connect', () => {
      client.destroy()
      resolve(true)
    })
    // EAGAIN: somebody listens, and its queue is full.
    client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EAGAIN'))
  })
}

async function listenOnPort(app: RequestListener, port: number): Promise<Server> {
  const server = makeServer(app)
  try {
    await started(server, () => server.listen(port, '127.0.0.1'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    throw new BridgeError('PORT_IN_USE', `Port ${port} of 127.0.0.1 is taken.`, { setting: 'http.port' })
  }
  return server
}

function started(server: Server, begin: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.removeListener('error', reject)
      resolve()
    })
    begin()
  })
}

function closeServer(server: Server, grace: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), grace)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
    server.closeIdleConnections()
  })
}
