/** The shell of a node over one SSH connection: moves text and time into dialogues, and their typing out. */
import type { ClientChannel } from 'ssh2'
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
  let channel: ClientChannel
  try {
    channel = await new Promise<ClientChannel>((resolve, reject) => {
      client.once('close', () => reject(new Error('The connection ended')))
      client.shell(WINDOW, (error, opened) => (error ? reject(error) : resolve(opened)))
    })
  } catch (error) {
    await close()
    throw sshError('NODE_ANSWER_WRONG', target, `The node opens no shell: ${(error as Error).message}.`)
  }
  const shell = new Shell(target, limits, channel, close)
  await shell.run(greeting)
  return shell
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
    const timers = new Set<NodeJS.Timeout>()
    const after = (milliseconds: number, what: () => void) => {
      const timer = setTimeout(what, milliseconds)
      timers.add(timer)
      return timer
    }
    try {
      return await new Promise<Result>((resolve, reject) => {
        let silences: NodeJS.Timeout[] = []
        const take = ({ type, end }: CliStep<Result>) => {
          if (type !== undefined) this.#channel.write(type)
          if (end?.kind === 'done') resolve(end.result)
          if (end?.kind !== 'failed') return
          if (end.interrupt) this.#channel.write(INTERRUPT)
          reject(sshError(end.code, this.#target, end.detail))
        }
        this.#dropped = () => take(dialogue.dropped())
        this.#receive = (text) => {
          for (const timer of silences) clearTimeout(timer)
          take(dialogue.receive(text))
          silences = [
            after(this.#limits.settled, () => take(dialogue.settled())),
            after(this.#limits.quiet, () => take(dialogue.quiet())),
          ]
        }
        after(this.#limits[command.time], () => take(dialogue.late()))
        if (this.#isOpen) take(dialogue.begin())
        else take(dialogue.dropped())
      })
    } catch (error) {
      await this.close()
      throw error
    } finally {
      for (const timer of timers) clearTimeout(timer)
      this.#receive = () => this.#unasked()
      this.#dropped = () => undefined
    }
  }
}
