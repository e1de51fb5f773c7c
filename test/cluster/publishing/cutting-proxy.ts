/** A line to a server on loopback that breaks once so many bytes have gone to the server. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface CuttingProxy {
  readonly port: number
  readonly connections: () => number
  readonly close: () => Promise<void>
}

/** The first connection is cut; `takesMore` says whether others come through. */
export async function cutAfter(port: number, bytes: number, takesMore: boolean): Promise<CuttingProxy> {
  let connections = 0
  const sockets = new Set<Socket>()
  const server = createServer((from) => {
    connections += 1
    if (connections > 1 && !takesMore) return void from.destroy()
    const to = connect(port, '127.0.0.1')
    let left = connections === 1 ? bytes : Number.POSITIVE_INFINITY
    const cut = () => {
      from.destroy()
      to.destroy()
    }
    for (const socket of [from, to]) {
      sockets.add(socket)
      socket.on('error', cut).on('close', () => {
        sockets.delete(socket)
        cut()
      })
    }
    to.pipe(from)
    from.on('data', (part: Buffer) => {
      to.write(part)
      left -= part.length
      if (left <= 0) cut()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
