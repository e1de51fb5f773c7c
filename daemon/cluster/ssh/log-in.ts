/**
 * The steps of a login, RFC 4252 and 4256: the key if there is one, then the password once, by the first of
 * `password` and `keyboard-interactive` that the node offers. CUCM locks an account after several wrong ones.
 */
import type { AnyAuthMethod } from 'ssh2'
import type { BridgeError } from '../../bridge-error.js'
import type { SshTarget } from './connect-ssh.js'
import { sshError } from './ssh-error.js'

export interface SshLogin {
  /** What to try next, among what the node still takes; rejects at the end. */
  readonly next: (left: readonly string[] | null, partial: boolean) => Promise<AnyAuthMethod>
  /** Why it failed. */
  readonly error: BridgeError | undefined
  readonly hasSentSecret: boolean
  readonly refuse: (detail: string) => BridgeError
}

const wantsPassword = /pass(?:word|code|phrase)[^a-z]*$/i
const wantsOther = /\b(?:new|old|current|retype|again|confirm|expired|one-time)\b/i

export function loginSteps(target: SshTarget): SshLogin {
  return new Login(target)
}

class Login implements SshLogin {
  error: BridgeError | undefined
  hasSentSecret = false
  readonly #target: SshTarget
  #step: 'none' | 'key' | 'password' | 'over' = 'none'
  #hasKeyHelped = false

  constructor(target: SshTarget) {
    this.#target = target
  }

  refuse(detail: string): BridgeError {
    this.#step = 'over'
    this.error ??= sshError('NODE_LOGIN_REFUSED', this.#target, detail)
    return this.error
  }

  async next(left: readonly string[] | null, partial: boolean): Promise<AnyAuthMethod> {
    const { user: username, password, privateKey } = this.#target
    const methods = left ?? []
    if (this.#step === 'none' && left === null) return { type: 'none', username }
    if (this.#step === 'none') {
      this.#step = 'key'
      if (privateKey !== undefined && methods.includes('publickey')) return this.#key(privateKey)
    } else if (this.#step === 'key') {
      this.#hasKeyHelped = partial
    }
    if (this.#step === 'key') {
      this.#step = 'password'
      const method = ['password', 'keyboard-interactive'].find((name) => methods.includes(name))
      if (password !== undefined && method !== undefined) return this.#password(method, await password())
    }
    throw this.refuse(this.#reason(methods, partial))
  }

  async #key(privateKey: () => Promise<string>): Promise<AnyAuthMethod> {
    const { user: username, passphrase } = this.#target
    const key = await privateKey()
    const words = await passphrase?.()
    const { default: ssh2 } = await import('ssh2')
    if (ssh2.utils.parseKey(key, words) instanceof Error) {
      throw this.refuse(
        'The private key in the settings cannot be read: wrong passphrase, or no key that SSH knows.',
      )
    }
    return { type: 'publickey', username, key, ...(words === undefined ? {} : { passphrase: words }) }
  }

  #password(method: string, password: string): AnyAuthMethod {
    const { user: username } = this.#target
    if (method === 'password') {
      this.hasSentSecret = true
      return { type: 'password', username, password }
    }
    return {
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => {
        const [question] = prompts
        const isAsked = prompts.length === 1 && question?.echo === false && asks(question.prompt)
        // Thrown: the connection ends with the question unanswered.
        if (this.hasSentSecret || !isAsked) throw this.refuse(this.#reasonFor(prompts))
        this.hasSentSecret = true
        finish([password])
      },
    }
  }

  #reasonFor(prompts: readonly { readonly prompt: string }[]): string {
    const asked = prompts.map(({ prompt }) => JSON.stringify(prompt.slice(0, 200))).join(', ')
    if (this.hasSentSecret)
      return `User or password are wrong, or the account is locked: the node asks again, ${asked}.`
    return `The node asks ${asked}, which is no plain question for a password.`
  }

  #reason(methods: readonly string[], partial: boolean): string {
    const { password, privateKey } = this.#target
    const offered = methods.length === 0 ? 'nothing' : methods.join(', ')
    if (partial) return `The node wants more than this login has: ${offered}.`
    if (this.hasSentSecret) return 'User or password are wrong, or the account is locked.'
    if (password !== undefined) return `The node takes no password from this user, only ${offered}.`
    if (privateKey !== undefined && !this.#hasKeyHelped)
      return 'The node does not take the private key from this user.'
    return `The settings have neither a password nor a key that the node takes: it takes ${offered}.`
  }
}

const asks = (question: string): boolean => wantsPassword.test(question) && !wantsOther.test(question)
