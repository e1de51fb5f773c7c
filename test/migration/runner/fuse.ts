/**
 * Ends a daemon at a chosen await: from there on nothing that it awaits comes back, as after kill -9. What it had
 * done, in the cluster and on disk, stays.
 */
export class Fuse {
  readonly blown: Promise<void>
  /** The awaits that were come to, in order. */
  readonly points: string[] = []
  /** What the daemon was at when it ended. */
  at = ''
  readonly #limit: number
  #blow: () => void = () => undefined

  /** Lets so many awaits pass. */
  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit
    this.blown = new Promise((resolve) => {
      this.#blow = resolve
    })
  }

  async pass(at: string): Promise<void> {
    this.points.push(at)
    if (this.points.length <= this.#limit) return
    this.at ||= at
    this.#blow()
    await new Promise<never>(() => undefined)
  }

  /** A port of which every call passes the fuse before and after. */
  through<Port extends object>(port: Port): Port {
    const wrapped = Object.entries(port).map(([name, call]: [string, (...all: unknown[]) => unknown]) => [
      name,
      async (...all: unknown[]) => {
        await this.pass(`before ${name}`)
        try {
          return await call(...all)
        } finally {
          await this.pass(`after ${name}`)
        }
      },
    ])
    return Object.fromEntries(wrapped) as Port
  }
}
