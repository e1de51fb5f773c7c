import type { SignAlgorithm, TokenError, TokenKey, TokenPort } from '../token.js'
import type { TokenClient } from './token-client.js'

export interface TokenPoolOptions {
  readonly first: TokenClient
  /** Another sign host for the same token, not logged in. */
  readonly openAnother: () => Promise<TokenClient>
  /** Sign hosts in all. */
  readonly size: number
}

interface Member {
  readonly client: TokenClient
  /** Signatures asked for and not there yet. */
  underWay: number
}

/**
 * Several sign hosts that look like one token. They log in one after the other, only after the first
 * was accepted, and stop at the first refusal: a wrong PIN costs one try, whatever the size.
 */
export class TokenPool implements TokenPort {
  readonly serial: string
  readonly #first: TokenClient
  readonly #openAnother: () => Promise<TokenClient>
  readonly #size: number
  readonly #members: Member[] = []
  readonly #listeners: ((why: TokenError) => void)[] = []
  #gone: TokenError | undefined
  #loggedOut = false

  constructor({ first, openAnother, size }: TokenPoolOptions) {
    this.serial = first.serial
    this.#first = first
    this.#openAnother = openAnother
    this.#size = size
    this.#join(first)
  }

  keys(): Promise<readonly TokenKey[]> {
    return this.#leastBusy().client.keys()
  }

  async login(pin: string, options: { readonly finalTry: boolean }): Promise<void> {
    await this.#first.login(pin, options)
    // The reader would ask the person again for each; and several hosts that try one PIN before their
    // signatures could spend several tries at once.
    if (pin === '' || this.#first.keepsPin) return
    while (this.#members.length < this.#size && this.#gone === undefined && !this.#loggedOut) {
      if (!(await this.#add(pin))) return
    }
  }

  async changePin(oldPin: string, newPin: string): Promise<void> {
    await this.#leastBusy().client.changePin(oldPin, newPin)
  }

  async sign(
    keyId: string,
    algorithm: SignAlgorithm,
    message: Uint8Array,
    options: { readonly deadline: number },
  ): Promise<Uint8Array> {
    const member = this.#leastBusy()
    member.underWay += 1
    try {
      return await member.client.sign(keyId, algorithm, message, options)
    } finally {
      member.underWay -= 1
    }
  }

  async logout(): Promise<void> {
    this.#loggedOut = true
    this.#listeners.length = 0
    // An emptied pool still has hosts to end: those that died before do so again, at no cost.
    const clients = new Set([this.#first, ...this.#members.map(({ client }) => client)])
    await Promise.all([...clients].map((client) => client.logout()))
  }

  onGone(listener: (why: TokenError) => void): void {
    if (this.#gone === undefined) this.#listeners.push(listener)
    else listener(this.#gone)
  }

  /** False when the token refused. Helpers never spend the final try: they do not need to. */
  async #add(pin: string): Promise<boolean> {
    let client: TokenClient | undefined
    try {
      client = await this.#openAnother()
      await client.login(pin, { finalTry: false })
    } catch {
      await client?.logout()
      return false
    }
    if (this.#loggedOut || this.#gone !== undefined) await client.logout()
    else this.#join(client)
    return true
  }

  #join(client: TokenClient): void {
    const member = { client, underWay: 0 }
    this.#members.push(member)
    client.onGone((why) => this.#leave(member, why))
  }

  #leave(member: Member, why: TokenError): void {
    const index = this.#members.indexOf(member)
    if (index >= 0) this.#members.splice(index, 1)
    // A host that died is one of several; a token that was pulled out is gone for all.
    if (this.#members.length > 0 && why.code !== 'TOKEN_REMOVED') return
    const left = this.#members.splice(0)
    this.#tellGone(why)
    for (const { client } of left) void client.logout()
  }

  #tellGone(why: TokenError): void {
    if (this.#gone !== undefined || this.#loggedOut) return
    this.#gone = why
    for (const listener of this.#listeners.splice(0)) listener(why)
  }

  /** The first when there is none: it answers with what ended it. */
  #leastBusy(): Member {
    const [first = { client: this.#first, underWay: 0 }, ...others] = this.#members
    return others.reduce((best, member) => (member.underWay < best.underWay ? member : best), first)
  }
}
