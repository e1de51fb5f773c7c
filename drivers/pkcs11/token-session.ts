import type { SignAlgorithm, TokenKey } from '../token.js'
import { CKM_RSA_PKCS, HASH_AND_SIGN, mechanismName } from './ckm.js'
import {
  CKF_RW_SESSION,
  CKF_SERIAL_SESSION,
  CKF_SIGN,
  CKU_CONTEXT_SPECIFIC,
  type Cryptoki,
} from './cryptoki.js'
import { digestInfo } from './digest-info.js'
import { beforeTry, describeFailure, HostError } from './host-error.js'
import { readSigningKeys, type SigningKey, someKeyAlwaysAsks } from './signing-key.js'
import { changePinOnce, type LoginTry, loginOnce } from './token-login.js'
import { listTokenSlots } from './token-slots.js'

/** Room for a signature of 8192 bits, in bytes. */
const SIGNATURE_ROOM = 1024

/**
 * One token in a sign host: a read-only session that holds the login and does nothing else, because
 * closing the last session loses the login, and a working session that is replaced after any error,
 * because an operation left active poisons its session.
 *
 * The PIN is kept only while logged in, and only when a key of the token asks for it before every
 * signature. When such a try fails the PIN is forgotten and the login given up: it is never repeated.
 */
export class TokenSession {
  readonly #cryptoki: Cryptoki
  readonly #slot: Buffer
  readonly #holder: Buffer
  #working: Buffer | undefined
  #keys: SigningKey[] | undefined
  #loggedIn = false
  #kept: LoginTry | undefined

  constructor(cryptoki: Cryptoki, serial: string) {
    const found = listTokenSlots(cryptoki).find((slot) => slot.serial === serial)
    if (found === undefined)
      throw new HostError('TOKEN_REMOVED', 'The module does not show this token.', 'no')
    this.#cryptoki = cryptoki
    this.#slot = found.slot
    this.#holder = cryptoki.C_OpenSession(found.slot, CKF_SERIAL_SESSION)
  }

  login(pin: string, finalTry: boolean): void {
    // A process that is logged in gets CKR_USER_ALREADY_LOGGED_IN for any PIN, right or wrong.
    if (this.#loggedIn) {
      throw new HostError('TOKEN_FAILED', 'This host is logged in and cannot check a PIN again.', 'no')
    }
    loginOnce(this.#cryptoki, this.#slot, this.#holder, { pin, finalTry })
    this.#loggedIn = true
    this.#kept = { pin, finalTry, user: CKU_CONTEXT_SPECIFIC }
  }

  /** Keeps the PIN only when a key is seen to ask for it before every signature. */
  settlePin(): boolean {
    const kept = this.#kept
    this.#kept = undefined
    if (this.#inWorkingSession((session) => someKeyAlwaysAsks(this.#cryptoki, session))) this.#kept = kept
    return this.#kept !== undefined
  }

  logout(): void {
    const wasLoggedIn = this.#loggedIn
    this.#loggedIn = false
    this.#kept = undefined
    this.#keys = undefined
    if (wasLoggedIn) this.#cryptoki.C_Logout(this.#holder)
  }

  /** In a session of its own: a read-write one is open no longer than the change takes. */
  changePin(oldPin: string, newPin: string): void {
    // A write-protected token fails here, long before it could judge a PIN.
    const session = beforeTry('Opening the token for writing', () =>
      this.#cryptoki.C_OpenSession(this.#slot, CKF_SERIAL_SESSION | CKF_RW_SESSION),
    )
    try {
      changePinOnce(this.#cryptoki, this.#slot, session, oldPin, newPin)
      if (this.#kept !== undefined) this.#kept = { ...this.#kept, pin: newPin }
    } finally {
      this.#close(session)
    }
  }

  keys(): TokenKey[] {
    return this.#signingKeys().map(({ keyId, label, modulusBits, whyNot }) => ({
      keyId,
      label,
      modulusBits,
      whyNot,
    }))
  }

  sign(keyId: string, algorithm: SignAlgorithm, message: Uint8Array): Uint8Array {
    const key = this.#usableKey(keyId)
    const { mechanism, input } = this.#prepare(algorithm, message)
    return this.#inWorkingSession((session) => {
      this.#cryptoki.C_SignInit(session, { mechanism }, key.handle)
      if (key.alwaysAsks) this.#loginForThis(session)
      return new Uint8Array(this.#cryptoki.C_Sign(session, input, Buffer.alloc(SIGNATURE_ROOM)))
    })
  }

  /** PKCS#11 v2.40 §5.11: between C_SignInit and C_Sign, in the same session. */
  #loginForThis(session: Buffer): void {
    if (this.#kept === undefined) {
      throw new HostError('TOKEN_LOCKED', 'The key asks for the PIN, which is not kept.', 'no')
    }
    try {
      loginOnce(this.#cryptoki, this.#slot, session, this.#kept)
    } catch (thrown) {
      this.#giveUpLogin()
      throw thrown
    }
  }

  #giveUpLogin(): void {
    try {
      this.logout()
    } catch {
      // A token that was removed knows of no login.
    }
  }

  #usableKey(keyId: string): SigningKey {
    const keys = this.#signingKeys().filter((key) => key.keyId === keyId)
    const usable = keys.find(({ whyNot }) => whyNot === undefined)
    if (usable !== undefined) return usable
    const reason = keys[0]?.whyNot ?? 'the token shows no private key for it'
    throw new HostError('KEY_UNUSABLE', `The key ${keyId} cannot sign: ${reason}.`, 'no')
  }

  #signingKeys(): SigningKey[] {
    if (!this.#loggedIn) throw new HostError('TOKEN_LOCKED', 'This token is not unlocked.', 'no')
    this.#keys ??= this.#inWorkingSession((session) => readSigningKeys(this.#cryptoki, session))
    return this.#keys
  }

  #prepare(algorithm: SignAlgorithm, message: Uint8Array): { mechanism: number; input: Buffer } {
    if (this.#maySign(CKM_RSA_PKCS)) return { mechanism: CKM_RSA_PKCS, input: digestInfo(algorithm, message) }
    const mechanism = HASH_AND_SIGN[algorithm]
    if (this.#maySign(mechanism)) return { mechanism, input: Buffer.from(message) }
    const wanted = `${mechanismName(CKM_RSA_PKCS)} nor ${mechanismName(mechanism)}`
    throw new HostError('KEY_UNUSABLE', `The token offers neither ${wanted}.`, 'no')
  }

  #maySign(mechanism: number): boolean {
    try {
      return (this.#cryptoki.C_GetMechanismInfo(this.#slot, mechanism).flags & CKF_SIGN) !== 0
    } catch (thrown) {
      if (describeFailure(thrown, 'Asking for a mechanism').ckr === 'CKR_MECHANISM_INVALID') return false
      throw thrown
    }
  }

  /** Runs `use` in the working session; whatever fails costs the session, and the keys read in it. */
  #inWorkingSession<T>(use: (session: Buffer) => T): T {
    this.#working ??= this.#cryptoki.C_OpenSession(this.#slot, CKF_SERIAL_SESSION)
    try {
      return use(this.#working)
    } catch (thrown) {
      this.#dropWorking()
      throw thrown
    }
  }

  #dropWorking(): void {
    const session = this.#working
    this.#working = undefined
    this.#keys = undefined
    if (session !== undefined) this.#close(session)
  }

  #close(session: Buffer): void {
    try {
      this.#cryptoki.C_CloseSession(session)
    } catch {
      // A token that was removed has closed it already.
    }
  }
}
