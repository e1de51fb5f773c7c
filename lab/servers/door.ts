/**
 * A port that can be shut and opened again under the same number, as a node that goes down and comes back. What is
 * spoken behind it is not known here: who comes in is handed on.
 */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

export interface Door {
  /** Resolves with the port. Does nothing when it is open. */
  readonly open: () => Promise<number>
  /** Ends what is under way, and serves nobody until it is opened again. */
  readonly shut: () => Promise<void>
  /** As shut, for good: the port is free for others. */
  readonly close: () => Promise<void>
}

export interface DoorParts {
  readonly address: string
  /** 0 for any that is free; from then on it stays the same. */
  readonly port: number
  /** Milliseconds that a slow link takes until a connection is made. */
  readonly delay: () => number
  readonly admit: (socket: Socket) => void
}

export function makeTcpDoor({ address, port, delay, admit }: DoorParts): Door {
  const inside = new Set<Socket>()
  let number = port
  let server: Server | undefined

  const enter = (socket: Socket): void => {
    inside.add(socket)
    socket.once('close', () => inside.delete(socket))
    // A client that breaks off is none of the server's trouble.
    socket.on('error', () => socket.destroy())
    afterDelay(delay(), () => {
      if (!socket.destroyed) admit(socket)
    })
  }
  const shut = async (): Promise<void> => {
    const closing = server
    if (closing === undefined) return
    server = undefined
    const closed = once(closing, 'close')
    closing.close()
    for (const socket of inside) socket.destroy()
    await closed
  }

  return {
    open: async () => {
      if (server !== undefined) return number
      const opened = createServer({ noDelay: true }, enter)
      opened.listen({ host: address, port: number, backlog: 4096 })
      await once(opened, 'listening')
      const bound = opened.address()
      if (bound !== null && typeof bound === 'object') number = bound.port
      server = opened
      return number
    },
    shut,
    close: shut,
  }
}

/** At once, in the same turn, where there is no delay. */
export function afterDelay(milliseconds: number, then: () => void): void {
  if (milliseconds > 0) setTimeout(then, milliseconds)
  else then()
}
