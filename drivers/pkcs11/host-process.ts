import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Reached, TokenError, type TokenErrorCode, type TokenErrorPlace } from '../token.js'
import type { Call, Calls, HostRole, Reply, Request } from './messages.js'

const HOST = fileURLToPath(new URL('./pkcs11-host.js', import.meta.url))

/** Milliseconds that `end` waits for a killed process: one stuck in the kernel cannot die at once. */
const BURIAL = 2_000

interface Job {
  readonly request: Request
  /** Milliseconds from when the request is sent; Infinity waits for ever. */
  readonly deadline: number
  readonly resolve: (answer: Calls[Call]['answer']) => void
  readonly reject: (why: TokenError) => void
}

export interface HostOptions {
  readonly role: HostRole
  /** Added to the daemon's own environment. */
  readonly environment: Readonly<Record<string, string>>
  /** Named in every error: the module, and the token of a sign host. */
  readonly place: TokenErrorPlace
}

/**
 * One host and the queue in front of it: one request under way, in the order of the calls. A request
 * past its deadline gets the process killed, and everybody who waits is told how far he came.
 * A host that ended is not started again.
 */
export class HostProcess {
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>
  readonly #child: ChildProcess
  readonly #place: TokenErrorPlace
  readonly #queue: Job[] = []
  readonly #exitListeners: ((why: TokenError) => void)[] = []
  #current: { readonly job: Job; readonly timer: NodeJS.Timeout | undefined } | undefined
  #nextId = 1
  #dead: string | undefined

  constructor({ role, environment, place }: HostOptions) {
    this.#place = place
    this.#child = fork(HOST, [role], {
      serialization: 'advanced',
      execArgv: [],
      env: hostEnvironment(environment),
      // A vendor's library in debug mode may print what it is given, the PIN included.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    this.#child.on('message', (reply: Reply) => this.#settle(reply))
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#die(signal === null ? `ended with code ${code}` : `was ended by ${signal}`)
        resolve()
      })
      this.#child.once('error', (error) => {
        this.#die(`failed: ${error.message}`)
        if (this.#child.pid === undefined) resolve()
      })
    })
  }

  /** Called once when the process ended for whatever reason but `end`. */
  onExit(listener: (why: TokenError) => void): void {
    this.#exitListeners.push(listener)
  }

  /** Rejects with TokenError only. `deadline` is in milliseconds; Infinity waits for ever. */
  request<C extends Call>(call: C, ask: Calls[C]['ask'], deadline: number): Promise<Calls[C]['answer']> {
    return new Promise((resolve, reject) => {
      if (this.#dead !== undefined) {
        reject(this.#error('MODULE_HOST_DIED', `The host ${this.#dead} before this request.`, 'no'))
        return
      }
      const request = { id: this.#nextId++, call, ask } as Request
      this.#queue.push({ request, deadline, resolve: resolve as Job['resolve'], reject })
      this.#sendNext()
    })
  }

  /** Kills the process because what it works with is gone: as if it had ended by itself. */
  fail(how: string): void {
    this.#kill(how)
  }

  /** Kills the process. Resolves when it is gone; tells nobody but those who wait for an answer. */
  async end(): Promise<void> {
    this.#exitListeners.length = 0
    this.#kill('was stopped')
    const patience = new Promise((resolve) => setTimeout(resolve, BURIAL).unref())
    await Promise.race([this.exited, patience])
  }

  #sendNext(): void {
    if (this.#current !== undefined) return
    const job = this.#queue.shift()
    if (job === undefined) return
    const timer = Number.isFinite(job.deadline)
      ? setTimeout(() => this.#overrun(job), job.deadline)
      : undefined
    this.#current = { job, timer }
    // Without a channel the event that tells of the end, or of a failed start, is on its way.
    if (this.#child.connected) this.#child.send(job.request, () => undefined)
  }

  #settle(reply: Reply): void {
    const current = this.#current
    if (current === undefined || current.job.request.id !== reply.id) return
    clearTimeout(current.timer)
    this.#current = undefined
    if ('failure' in reply) {
      const { code, detail, reached, ckr } = reply.failure
      current.job.reject(this.#error(code, detail, reached, ckr))
    } else {
      current.job.resolve(reply.answer)
    }
    this.#sendNext()
  }

  #overrun({ request, deadline, reject }: Job): void {
    const what = `${request.call} took more than ${deadline} ms`
    reject(this.#error('DEADLINE_EXCEEDED', `The host was killed because ${what}.`, 'maybe'))
    this.#current = undefined
    this.#kill(`was killed because ${what}`, 'DEADLINE_EXCEEDED')
  }

  #kill(how: string, code?: DeathCode): void {
    this.#child.kill('SIGKILL')
    this.#die(how, code)
  }

  /** Tells everybody at once: a process stuck in the kernel may take its time to go. */
  #die(how: string, code: DeathCode = 'MODULE_HOST_DIED'): void {
    if (this.#dead !== undefined) return
    this.#dead = how
    if (this.#current !== undefined) {
      clearTimeout(this.#current.timer)
      const { job } = this.#current
      const detail = `The host ${how} during ${job.request.call}.`
      job.reject(this.#error('MODULE_HOST_DIED', detail, 'maybe'))
      this.#current = undefined
    }
    for (const { request, reject } of this.#queue.splice(0)) {
      const detail = `The host ${how} before ${request.call} was sent.`
      reject(this.#error('MODULE_HOST_DIED', detail, 'no'))
    }
    const why = this.#error(code, `The host ${how}.`)
    for (const listener of this.#exitListeners.splice(0)) listener(why)
  }

  #error(code: TokenErrorCode, detail: string, reached?: Reached, ckr?: string): TokenError {
    return new TokenError(code, detail, {
      ...this.#place,
      ...(reached !== undefined && { reached }),
      ...(ckr !== undefined && { ckr }),
    })
  }
}

/** Why a host is no more, to those who have no request under way: it died, or was killed for its slowness. */
type DeathCode = Extract<TokenErrorCode, 'MODULE_HOST_DIED' | 'DEADLINE_EXCEEDED'>

/** Without NODE_OPTIONS: an inspector or a report on crash would open the memory that holds a PIN. */
function hostEnvironment(added: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...own } = process.env
  return { ...own, ...added }
}
