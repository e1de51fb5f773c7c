/** What a person types into a terminal: keys in their order, whoever waits for them when. */

/** Ctrl-C. */
export class Interrupted extends Error {}
/** The line was dropped. */
export class HungUp extends Error {}

export const CTRL_C = '\x03'
const ESCAPE = '\x1b'
const CTRL_D = '\x04'
const CTRL_U = '\x15'
const MAX_LINE = 4096

export class Keyboard {
  readonly #keys: string[] = []
  readonly #write: (text: string) => void
  #waiting: { resolve: (key: string) => void; reject: (error: Error) => void } | undefined
  #isHungUp = false
  #isEscaped = false
  #last = ''

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  /** Text as it comes from the terminal. */
  type(text: string): void {
    for (const key of text) this.#press(key)
    this.#serve()
  }

  #press(key: string): void {
    const before = this.#last
    this.#last = key
    if (this.#isEscaped) {
      // Cursor keys and their like move nothing here: ESC, [ or O, up to a letter or ~.
      this.#isEscaped = before === ESCAPE ? key === '[' || key === 'O' : !/[A-Za-z~]/.test(key)
    } else if (key === ESCAPE) this.#isEscaped = true
    else if (key === '\n') {
      if (before !== '\r') this.#keys.push('\r')
    } else this.#keys.push(key)
  }

  hangUp(): void {
    this.#isHungUp = true
    this.#waiting?.reject(new HungUp())
    this.#waiting = undefined
  }

  /** One key; rejects with HungUp. */
  async key(): Promise<string> {
    return await new Promise((resolve, reject) => {
      if (this.#isHungUp) return reject(new HungUp())
      this.#waiting = { resolve, reject }
      this.#serve()
    })
  }

  /** A line without its end, shown as it is typed unless it is secret. Rejects with Interrupted and HungUp. */
  async line(isSecret = false): Promise<string> {
    let line = ''
    for (;;) {
      const key = await this.key()
      if (key === '\r') {
        this.#write('\r\n')
        return line
      }
      if (key === CTRL_C) {
        this.#write('^C\r\n')
        throw new Interrupted()
      }
      if (key === CTRL_D && line === '') throw new HungUp()
      if (key === '\x7f' || key === '\b') {
        if (line !== '' && !isSecret) this.#write('\b \b')
        line = line.slice(0, -1)
      } else if (key === CTRL_U) {
        if (!isSecret) this.#write('\b \b'.repeat(line.length))
        line = ''
      } else if (key >= ' ' && line.length < MAX_LINE) {
        line += key
        if (!isSecret) this.#write(key)
      }
    }
  }

  #serve(): void {
    const key = this.#waiting === undefined ? undefined : this.#keys.shift()
    if (key === undefined) return
    const { resolve } = this.#waiting ?? {}
    this.#waiting = undefined
    resolve?.(key)
  }
}
