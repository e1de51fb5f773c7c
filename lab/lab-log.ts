/** Log files of the nodes' services: NODE/logs/SERVICE.log, the latest megabytes of each. */
import { appendFileSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'

const LARGEST = 4 * 1024 * 1024
/** Milliseconds that lines are gathered. */
const GATHER = 100

export class LabLog {
  readonly #nodes: string
  readonly #lines = new Map<string, string[]>()
  readonly #sizes = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(nodes: string) {
    this.#nodes = nodes
  }

  readonly add = (node: string, service: string, line: string): void => {
    const file = join(this.#nodes, node, 'logs', `${service}.log`)
    const stamped = `${new Date().toISOString()} ${line.replaceAll(/[\r\n]+/g, ' ')}\n`
    this.#lines.set(file, [...(this.#lines.get(file) ?? []), stamped])
    this.#timer ??= setTimeout(() => this.flush(), GATHER)
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const gathered = [...this.#lines]
    this.#lines.clear()
    for (const [file, lines] of gathered) this.#append(file, lines.join(''))
  }

  /** A log that cannot be written must not end the lab. */
  #append(file: string, text: string): void {
    try {
      mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
      const size = (this.#sizes.get(file) ?? 0) + text.length
      if (size > LARGEST) renameSync(file, `${file}.1`)
      this.#sizes.set(file, size > LARGEST ? text.length : size)
      appendFileSync(file, text, { mode: 0o600 })
    } catch {}
  }
}
