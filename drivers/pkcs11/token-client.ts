import {
  type SignAlgorithm,
  TokenError,
  type TokenErrorPlace,
  type TokenKey,
  type TokenPort,
} from '../token.js'
import type { HostProcess } from './host-process.js'
import { patienceFor, READER_DEADLINE } from './reader-patience.js'

/** After these the token may in truth be gone: modules disagree about the code for that. */
const SUSPICIOUS: ReadonlySet<string> = new Set(['TOKEN_FAILED', 'TOKEN_LOCKED', 'KEY_UNUSABLE'])

/** Milliseconds. A logout is a courtesy: the end of the process does the same. */
const LOGOUT_DEADLINE = 3_000

export interface TokenClientOptions {
  readonly serial: string
  readonly host: HostProcess
  /** Milliseconds for a login and for reading the keys. */
  readonly deadline: number
  /** Whether a fresh scan still shows the token; rejects when the scan fails. */
  readonly isPresent: () => Promise<boolean>
  /** Named in errors: the module and the token. */
  readonly place: TokenErrorPlace
}

/** A token behind its own sign host. */
export class TokenClient implements TokenPort {
  readonly serial: string
  readonly #host: HostProcess
  readonly #deadline: number
  readonly #isPresent: () => Promise<boolean>
  readonly #place: TokenErrorPlace
  readonly #listeners: ((why: TokenError) => void)[] = []
  #gone: TokenError | undefined
  #onReader = false
  #keepsPin = false

  constructor({ serial, host, deadline, isPresent, place }: TokenClientOptions) {
    this.serial = serial
    this.#host = host
    this.#deadline = deadline
    this.#isPresent = isPresent
    this.#place = place
    host.onExit((why) => this.#leave(why))
  }

  /** Whether the host keeps the PIN, for a key that asks for it before every signature. */
  get keepsPin(): boolean {
    return this.#keepsPin
  }

  keys(): Promise<readonly TokenKey[]> {
    return this.#explained(this.#host.request('keys', null, this.#deadline))
  }

  async login(pin: string, { finalTry }: { readonly finalTry: boolean }): Promise<void> {
    this.#onReader = pin === ''
    const deadline = this.#patience(this.#deadline)
    await this.#explained(this.#host.request('login', { pin, finalTry }, deadline))
    // The login was accepted, whatever becomes of this: who listens hears of a host that died in it.
    const settled = this.#host.request('settlePin', null, this.#deadline)
    this.#keepsPin = await settled.catch(() => false)
  }

  async changePin(oldPin: string, newPin: string): Promise<void> {
    const deadline = patienceFor(oldPin, this.#deadline)
    await this.#explained(this.#host.request('changePin', { oldPin, newPin }, deadline))
  }

  sign(
    keyId: string,
    algorithm: SignAlgorithm,
    message: Uint8Array,
    { deadline }: { readonly deadline: number },
  ): Promise<Uint8Array> {
    const ask = { keyId, algorithm, message }
    return this.#explained(this.#host.request('sign', ask, this.#patience(deadline)))
  }

  async logout(): Promise<void> {
    this.#listeners.length = 0
    try {
      await this.#host.request('logout', null, LOGOUT_DEADLINE)
    } catch {
      // The end of the process is a logout, too: the module's sessions end with it.
    }
    await this.#host.end()
  }

  onGone(listener: (why: TokenError) => void): void {
    if (this.#gone === undefined) this.#listeners.push(listener)
    else listener(this.#gone)
  }

  #patience(deadline: number): number {
    return this.#onReader ? Math.max(deadline, READER_DEADLINE) : deadline
  }

  /** Replaces an error that hides a removal by TOKEN_REMOVED. */
  async #explained<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (error) {
      if (!(error instanceof TokenError) || !(await this.#wasRemoved(error))) throw error
      const removed = this.#removed(error)
      this.#leave(removed)
      await this.#host.end()
      throw removed
    }
  }

  /** A PIN that was not sent before the token went away was still not sent. */
  #removed({ place }: TokenError): TokenError {
    const detail = `The token ${this.serial} is no longer plugged in.`
    const reached = place.reached === 'no' ? { reached: place.reached } : {}
    return new TokenError('TOKEN_REMOVED', detail, { ...this.#place, ...reached })
  }

  async #wasRemoved({ code, place }: TokenError): Promise<boolean> {
    if (code === 'TOKEN_REMOVED') return true
    // What the host refused by itself says nothing about the token.
    if (!SUSPICIOUS.has(code) || (code === 'TOKEN_LOCKED' && place.reached === 'no')) return false
    try {
      return !(await this.#isPresent())
    } catch {
      return false
    }
  }

  #leave(why: TokenError): void {
    if (this.#gone !== undefined) return
    this.#gone = why
    for (const listener of this.#listeners.splice(0)) listener(why)
  }
}
