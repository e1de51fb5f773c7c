/** The two listeners: a Unix socket for the command, 127.0.0.1 for browsers and programs. */
import { lstat, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { dirname } from 'node:path'
import { BridgeError } from '../bridge-error.js'
import { makeFolder } from '../store/make-folder.js'

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
  if (inherited === undefined) await prepareSocketPath(at.socket)
  // The port comes first: of two daemons that start at once over a stale socket only one gets it.
  const tcp = await listenOnPort(app, at.port)
  try {
    const unix = inherited === undefined ? await takeOver(app, at.socket) : await adopt(app, inherited)
    return {
      socket: at.socket,
      port: (tcp.address() as AddressInfo).port,
      // Closing removes the socket's file at once; by the end the path may be that of a new daemon.
      close: async (grace) => {
        await Promise.all([closeServer(unix, grace), closeServer(tcp, grace)])
      },
    }
  } catch (error) {
    await closeServer(tcp, 0)
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
  // Connections that were busy when the server closed would else live on for another request.
  server.on('request', (_request, response) =>
    response.once('close', () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections())
    }),
  )
  return server
}

/** Refuses a path that cannot be, or where somebody serves already. */
async function prepareSocketPath(path: string): Promise<void> {
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES) {
    throw new BridgeError('SOCKET_PATH_TOO_LONG', `The socket's path has ${Buffer.byteLength(path)} bytes.`, {
      file: path,
    })
  }
  await makeSocketFolder(path)
  await refuseServedSocket(path)
}

async function listenOnSocket(app: RequestListener, path: string): Promise<Server> {
  const server = makeServer(app)
  try {
    await started(server, () => bindSocket(server, path))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') throw inUse(path, 'Another daemon was quicker.')
    throw new BridgeError('STATE_UNUSABLE', `The socket cannot be made: ${message}.`, { file: path })
  }
  return server
}

async function takeOver(app: RequestListener, path: string): Promise<Server> {
  await removeStaleSocket(path)
  return await listenOnSocket(app, path)
}

async function adopt(app: RequestListener, descriptor: number): Promise<Server> {
  const server = makeServer(app)
  await started(server, () => server.listen({ fd: descriptor }))
  return server
}

/**
 * The mode is given at bind: between bind and a chmod anybody could connect. `listen` binds before it
 * returns, so no other file is ever made under this umask.
 */
function bindSocket(server: Server, path: string): void {
  const umask = process.umask(0o117)
  try {
    server.listen(path)
  } finally {
    process.umask(umask)
  }
}

async function makeSocketFolder(path: string): Promise<void> {
  try {
    await makeFolder(dirname(path), 0o755)
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

/** After a kill -9 the socket's file is left behind; it is stale when nobody listens on it. */
async function removeStaleSocket(path: string): Promise<void> {
  await refuseServedSocket(path)
  try {
    await rm(path, { force: true })
  } catch (error) {
    throw new BridgeError(
      'STATE_UNUSABLE',
      `The old socket cannot be removed: ${(error as Error).message}.`,
      {
        file: path,
      },
    )
  }
}

/** SOCKET_IN_USE when somebody listens there, or the path is that of another file. */
export async function refuseServedSocket(path: string): Promise<void> {
  // Not through a link: what it points to is not ours to remove.
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  if (!found.isSocket()) throw inUse(path, 'A file that is no socket has its path.')
  if (await answers(path)) throw inUse(path, 'A daemon answers on it.')
}

const inUse = (path: string, detail: string): BridgeError =>
  new BridgeError('SOCKET_IN_USE', detail, { file: path })

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const client = connect(path)
    client.once('connect', () => {
      client.destroy()
      resolve(true)
    })
    // Every other error (a full queue, no permission) means that somebody may be there.
    const gone = ['ECONNREFUSED', 'ENOENT']
    client.once('error', (error: NodeJS.ErrnoException) => resolve(!gone.includes(error.code ?? '')))
  })
}

async function listenOnPort(app: RequestListener, port: number): Promise<Server> {
  const server = makeServer(app)
  try {
    await started(server, () => server.listen(port, '127.0.0.1'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      throw new BridgeError('PORT_IN_USE', `Port ${port} of 127.0.0.1 is taken.`, { setting: 'http.port' })
    }
    // Ports below 1024 are the system's (EACCES); a machine may have no loopback (EADDRNOTAVAIL).
    throw new BridgeError('CONFIG_INVALID', `Port ${port} of 127.0.0.1 cannot be opened: ${message}.`, {
      setting: 'http.port',
    })
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
