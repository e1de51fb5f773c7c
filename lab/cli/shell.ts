/** The command line of a node: prompt, paging, questions. Commands are rows of `cli-commands.ts`. */
import type { LabCluster, LabNode } from '../model/lab-cluster.js'
import { LabRefusal, UNKNOWN_COMMAND } from '../model/lab-refusal.js'
import { commandFor } from './cli-commands.js'
import { CTRL_C, HungUp, Interrupted, Keyboard } from './keyboard.js'

/** A terminal at the other end of a line. */
export interface CliTerminal {
  readonly write: (text: string) => void
  /** Lines that fit on it; 0 when it has no size. */
  readonly rows: () => number
}

/** What a command asks and says. */
export interface Conversation {
  readonly lab: LabCluster
  readonly node: LabNode
  readonly say: (text: string) => void
  /** Types nothing by itself: what comes back is what the person typed. */
  readonly ask: (question: string) => Promise<string>
  readonly askSecret: (question: string) => Promise<string>
}

const BANNER = 'Command Line Interface is starting up, please wait ...\n\n'
const PAGE_PROMPT = 'Press <enter> for 1 line, <space> for one page, or <q> to quit'

export class Shell {
  readonly keyboard: Keyboard
  readonly #terminal: CliTerminal
  readonly #lab: LabCluster
  readonly #node: LabNode

  constructor(lab: LabCluster, node: LabNode, terminal: CliTerminal) {
    this.#lab = lab
    this.#node = node
    this.#terminal = terminal
    this.keyboard = new Keyboard(terminal.write)
  }

  /** Until `quit`, Ctrl-D or the end of the line. */
  async run(): Promise<void> {
    this.#say(
      `${BANNER}   Welcome to the Platform Command Line Interface\n\nThis is a rehearsal lab of ctl-bridge, CUCM ${this.#lab.version}: no phone of yours hears of it.\n\n`,
    )
    try {
      while (await this.#prompt());
    } catch (error) {
      if (!(error instanceof HungUp)) throw error
    }
  }

  async #prompt(): Promise<boolean> {
    this.#say('admin:')
    try {
      const line = (await this.keyboard.line()).trim()
      if (line === 'quit' || line === 'exit') return false
      if (line !== '') await this.#execute(line)
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error
    }
    return true
  }

  async #execute(line: string): Promise<void> {
    this.#node.log('cli', `command: ${line}`)
    const command = commandFor(line, this.#lab)
    if (command === undefined) return this.#say(`${UNKNOWN_COMMAND}\n`)
    try {
      const text = await command.run(this.#conversation(), command.rest)
      if (text !== undefined) await this.#page(text)
    } catch (error) {
      if (error instanceof Interrupted || error instanceof HungUp) throw error
      this.#say(`${refusalText(error)}\n`)
    }
  }

  #conversation(): Conversation {
    const ask = async (question: string, isSecret: boolean) => {
      this.#say(question)
      return await this.keyboard.line(isSecret)
    }
    return {
      lab: this.#lab,
      node: this.#node,
      say: (text) => this.#say(text),
      ask: (question) => ask(question, false),
      askSecret: (question) => ask(question, true),
    }
  }

  /** A page at a time, when the terminal has a size. */
  async #page(text: string): Promise<void> {
    const lines = text.replace(/\n$/, '').split('\n')
    const rows = this.#terminal.rows()
    let left = rows > 1 ? rows - 1 : Number.POSITIVE_INFINITY
    for (const line of lines) {
      if (left <= 0) {
        const more = await this.#askForMore()
        if (more === 0) return
        left = more
      }
      this.#say(`${line}\n`)
      left -= 1
    }
  }

  async #askForMore(): Promise<number> {
    this.#say(PAGE_PROMPT)
    for (;;) {
      const key = await this.keyboard.key()
      const more =
        key === '\r'
          ? 1
          : key === ' '
            ? this.#terminal.rows() - 1
            : key === 'q' || key === CTRL_C
              ? 0
              : undefined
      if (more === undefined) continue
      this.#terminal.write(`\r${' '.repeat(PAGE_PROMPT.length)}\r`)
      return more
    }
  }

  #say(text: string): void {
    this.#terminal.write(text.replaceAll('\n', '\r\n'))
  }
}

function refusalText(error: unknown): string {
  if (error instanceof LabRefusal) return error.message
  const { code, message } = error as NodeJS.ErrnoException
  // What CUCM prints on a full disk is not known.
  return code === 'ENOSPC'
    ? 'Executed command unsuccessfully\nNo space left on device'
    : `Executed command unsuccessfully\n${message}`
}
