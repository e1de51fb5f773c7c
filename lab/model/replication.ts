/** What travels from one node to the others, with a delay: database, trust uploads, files that the command line built. */
export class Replication {
  #delay: number
  readonly #underway = new Set<{ readonly timer: NodeJS.Timeout; readonly drop: () => void }>()
  #arrived: Promise<unknown> = Promise.resolve()

  constructor(delay: number) {
    this.#delay = delay
  }

  get delay(): number {
    return this.#delay
  }

  set delay(delay: number) {
    this.#delay = delay
  }

  /** Runs it now when there is no delay, else later. Its failure is its own affair: nobody waits for it. */
  send(arrive: () => void | Promise<void>): void {
    const done = this.#delay === 0 ? Promise.resolve(arrive()) : this.#later(arrive)
    this.#arrived = Promise.allSettled([this.#arrived, done])
  }

  async replicated(): Promise<void> {
    await this.#arrived
  }

  /** Drops what has not arrived. */
  close(): void {
    for (const { timer, drop } of this.#underway) {
      clearTimeout(timer)
      drop()
    }
    this.#underway.clear()
  }

  #later(arrive: () => void | Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#underway.delete(entry)
        resolve(Promise.resolve().then(arrive))
      }, this.#delay)
      const entry = { timer, drop: resolve }
      this.#underway.add(entry)
    })
  }
}
