/** A connection to a node over SSH: its host key is the pinned one, and a password is tried once. */
import type { Client } from 'ssh2'
import { systemReason } from '../files/node-error.js'
import { loginSteps, type SshLogin } from './log-in.js'
import { algorithmsFor, type HostKeyFamily, hostKeyFamilies } from './ssh-algorithms.js'
import { sshError } from './ssh-error.js'
import { HostKeys } from './ssh-host-key.js'

export interface SshTarget {
  /** As the settings call it; errors name it. */
  readonly node: string
  readonly host: string
  readonly port: number
  readonly user: string
  /** Read when the host key is known to be right, not before. */
  readonly password?: (() => Promise<string>) | undefined
  /** In OpenSSH's format, the whole file. */
  readonly privateKey?: (() => Promise<string>) | undefined
  readonly passphrase?: (() => Promise<string>) | undefined
  /** `SHA256:` and base64, as ssh-keygen -lf prints it. */
  readonly hostKey: string | undefined
  /** Also offer what old releases speak: SHA-1 key exchanges, CBC ciphers. */
  readonly oldAlgorithms: boolean
}

/** A line that went dead is noticed within a minute, though a command may say nothing for longer. */
const KEEP_ALIVE = { keepaliveInterval: 15_000, keepaliveCountMax: 3 }

/**
 * A client that is logged in; `deadline` in milliseconds is for the whole. Rejects with NODE_UNREACHABLE,
 * NODE_TIMEOUT, NODE_ANSWER_WRONG (no SSH, no algorithm in common), NODE_HOST_KEY_UNKNOWN or NODE_LOGIN_REFUSED, and
 * with what `password` and its like reject with. The client has a listener for errors; listen to `close`.
 */
export async function connectSsh(target: SshTarget, deadline: number): Promise<Client> {
  const end = AbortSignal.timeout(deadline)
  const hostKeys = new HostKeys(target)
  let families = hostKeyFamilies(target.oldAlgorithms)
  // A node has keys of several kinds and shows one of those that it is asked for. Only one is pinned: the others are
  // left out one by one. No password is sent meanwhile.
  for (;;) {
    const attempt = new Attempt(target, hostKeys, families)
    try {
      return await attempt.connect(end, deadline)
    } catch (error) {
      const wrong = attempt.wrongFamily
      if (wrong === undefined)
        throw hostKeys.seen.length > 0 && attempt.noHostKeyInCommon ? hostKeys.refusal() : error
      families = families.filter((family) => family !== wrong)
      if (families.length === 0) throw hostKeys.refusal()
    }
  }
}

class Attempt {
  /** The kind of host key that is not the pinned one. */
  wrongFamily: HostKeyFamily | undefined
  noHostKeyInCommon = false
  readonly #target: SshTarget
  readonly #hostKeys: HostKeys
  readonly #families: readonly HostKeyFamily[]

  constructor(target: SshTarget, hostKeys: HostKeys, families: readonly HostKeyFamily[]) {
    this.#target = target
    this.#hostKeys = hostKeys
    this.#families = families
  }

  async connect(end: AbortSignal, deadline: number): Promise<Client> {
    const { default: ssh2 } = await import('ssh2')
    const client = new ssh2.Client()
    const login = loginSteps(this.#target)
    try {
      await this.#ready(client, login, end)
      client.on('error', () => undefined)
      return client
    } catch (error) {
      client.on('error', () => undefined)
      client.destroy()
      if (!end.aborted) throw error
      throw sshError('NODE_TIMEOUT', this.#target, `No login over SSH within ${deadline / 1000} s.`)
    }
  }

  #ready(client: Client, login: SshLogin, end: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(this.#explain(error, login))
      if (end.aborted) return fail(new Error('too late'))
      end.addEventListener('abort', () => fail(new Error('too late')), { once: true })
      client.once('ready', resolve)
      client.on('error', fail)
      client.once('close', () => fail(new Error('ended')))
      client.on('change password', () => {
        fail(login.refuse('The password has expired. Change it by hand, then in the file of the settings.'))
      })
      client.connect({
        host: this.#target.host,
        port: this.#target.port,
        username: this.#target.user,
        readyTimeout: 0,
        ...KEEP_ALIVE,
        algorithms: algorithmsFor(this.#target.oldAlgorithms, this.#families),
        hostVerifier: (key: Buffer) => this.#accept(key),
        authHandler: (left, partial, next) => {
          login
            .next(left, partial ?? false)
            .then(next)
            .catch(fail)
        },
      })
    })
  }

  #accept(key: Buffer): boolean {
    if (this.#hostKeys.accept(key)) return true
    const { family } = this.#hostKeys.seen.at(-1) ?? {}
    // Without a pinned key nothing is gained by looking at the others.
    if (this.#target.hostKey !== undefined) this.wrongFamily = family
    return false
  }

  #explain(error: Error & { level?: string; code?: unknown }, login: SshLogin): Error {
    const target = this.#target
    if (login.error !== undefined) return login.error
    if (error.name === 'BridgeError') return error
    if (this.#hostKeys.seen.length > 0 && !this.#hostKeys.isAccepted) return this.#hostKeys.refusal()
    if (login.hasSentSecret) {
      const detail = 'The node ended the connection when user and password were sent.'
      return sshError('NODE_LOGIN_REFUSED', target, detail)
    }
    if (error.level === 'client-socket') return sshError('NODE_UNREACHABLE', target, systemReason(error))
    if (/no matching/.test(error.message)) {
      this.noHostKeyInCommon = /host key/.test(error.message)
      return sshError('NODE_ANSWER_WRONG', target, nothingInCommon(error.message, target))
    }
    if (/before handshake|identification|[Hh]eader|greeting/.test(error.message)) {
      return sshError('NODE_ANSWER_WRONG', target, 'What listens at this port does not speak SSH 2.')
    }
    if (error.message === 'ended') {
      return sshError('NODE_UNREACHABLE', target, 'The node ended the connection before the login.')
    }
    return sshError('NODE_ANSWER_WRONG', target, `SSH does not come about: ${error.message}.`)
  }
}

function nothingInCommon(message: string, { oldAlgorithms }: SshTarget): string {
  const what = message.replace(/^.*no matching /, '')
  const hint = oldAlgorithms ? '' : ' Old releases need old_algorithms = true in the settings.'
  return `The node speaks no ${what} that is offered.${hint}`
}
