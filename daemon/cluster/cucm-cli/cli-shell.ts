/** The shell of a node over one SSH connection: moves text and time into dialogues, and their typing out. */
import type { Client, ClientChannel } from 'ssh2'
import { BridgeError } from '../../bridge-error.js'
import { connectSsh, type SshTarget } from '../ssh/connect-ssh.js'
import { sshError } from '../ssh/ssh-error.js'
import type { CliCommand } from './cli-command.js'
import { CliDialogue, type CliStep } from './cli-dialogue.js'
import type { CliLimits } from './cli-limits.js'
import { greeting } from './cucm-commands.js'

/** Wide and long, so that the node wraps no line and stops at few pages. */
const WINDOW = { term: 'vt100', cols: 500, rows: 1000 }
const INTERRUPT = '\x03'

export interface CliShell {
  /** One at a time. Rejects with NODE_…; the shell is closed then. */
  readonly run: <Result>(command: CliCommand<Result>) => Promise<Result>
  readonly isOpen: () => boolean
  /** Ends a command that runs: as if the line had dropped. */
  readonly close: () => Promise<void>
}

export async function openCliShell(target: SshTarget, limits: CliLimits): Promise<CliShell> {
  const client = await connectSsh(target, limits.login)
  const closed = new Promise<void>((resolve) => client.once('close', resolve))
  const close = async () => {
    client.end()
    // A node that does not hang up is left.
    const leave = setTimeout(() => client.destroy(), 1000)
    await closed
    clearTimeout(leave)
  }
  try {
    const channel = await openChannel(client, limits.login)
    const shell = new Shell(target, limits, channel, close)
    await shell.run(greeting)
    return shell
  } catch (error) {
    await close()
    if (error instanceof BridgeError) throw error
    throw sshError('NODE_ANSWER_WRONG', target, `The node opens no shell: ${(error as Error).message}.`)
  }
}

function openChannel(client: Client, deadline: number): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no answer within ${deadline / 1000} s`)), deadline)
    const gone = () => reject(new Error('the connection ended'))
    client.once('close', gone)
    client.shell(WINDOW, (error, channel) => {
      clearTimeout(late)
      client.off('close', gone)
      if (error === undefined || error === null) resolve(channel)
      else reject(error)
    })
  })
}

class Shell implements CliShell {
  readonly #target: SshTarget
  readonly #limits: CliLimits
  readonly #channel: ClientChannel
  readonly #close: () => Promise<void>
  #isOpen = true
  #receive: (text: string) => void = () => this.#unasked()
  #dropped: () => void = () => undefined

  constructor(target: SshTarget, limits: CliLimits, channel: ClientChannel, close: () => Promise<void>) {
    this.#target = target
    this.#limits = limits
    this.#channel = channel
    this.#close = close
    const decoder = new TextDecoder()
    channel.on('data', (data: Buffer) => this.#receive(decoder.decode(data, { stream: true })))
    channel.stderr.on('data', (data: Buffer) => this.#receive(data.toString()))
    channel.on('error', () => undefined)
    channel.once('close', () => {
      this.#isOpen = false
      this.#dropped()
    })
  }

  isOpen(): boolean {
    return this.#isOpen
  }

  async close(): Promise<void> {
    this.#isOpen = false
    await this.#close()
  }

  /** Nothing is typed into a shell that talks by itself: the next command gets a new one. */
  #unasked(): void {
    this.#isOpen = false
    this.#close().catch(() => undefined)
  }

  async run<Result>(command: CliCommand<Result>): Promise<Result> {
    const dialogue = new CliDialogue(command, this.#limits)
    let late: NodeJS.Timeout | undefined
    let silence: Silence | undefined
    try {
      return await new Promise<Result>((resolve, reject) => {
        const take = ({ type, end }: CliStep<Result>) => {
          if (type !== undefined) this.#channel.write(type)
          if (end?.kind === 'done') resolve(end.result)
          if (end?.kind !== 'failed') return
          if (end.interrupt) this.#channel.write(INTERRUPT)
          reject(sshError(end.code, this.#target, end.detail))
        }
        const { settled, quiet } = this.#limits
        const listening = new Silence(
          { after: settled, what: () => take(dialogue.settled()) },
          { after: quiet, what: () => take(dialogue.quiet()) },
        )
        silence = listening
        this.#dropped = () => take(dialogue.dropped())
        this.#receive = (text) => {
          take(dialogue.receive(text))
          listening.begin()
        }
        late = setTimeout(() => take(dialogue.late()), this.#limits[command.time])
        take(this.#isOpen ? dialogue.begin() : dialogue.dropped())
      })
    } catch (error) {
      await this.close()
      throw error
    } finally {
      clearTimeout(late)
      silence?.end()
      this.#receive = () => this.#unasked()
      this.#dropped = () => undefined
    }
  }
}

interface SilentFor {
  readonly after: number
  readonly what: () => void
}

/** What is to be done when nothing was received for so long: each once, in their order. */
class Silence {
  readonly #steps: readonly SilentFor[]
  #timer: NodeJS.Timeout | undefined
  #number = 0

  constructor(...steps: SilentFor[]) {
    this.#steps = steps
  }

  begin(): void {
    this.#wait(0, ++this.#number)
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#number++
  }

  #wait(index: number, number: number): void {
    clearTimeout(this.#timer)
    const step = this.#steps[index]
    if (step === undefined) return
    const done = () => {
      if (number !== this.#number) return
      step.what()
      if (number === this.#number) this.#wait(index + 1, number)
    }
    // A process that was held up finds timers that are over and data that came before: the data is read first.
    this.#timer = setTimeout(() => setImmediate(done), step.after)
  }
}
