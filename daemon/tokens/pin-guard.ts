import { TokenError } from '../../drivers/token.js'
import { BridgeError } from '../bridge-error.js'
import type { Caller } from '../principal.js'
import type { PinAmnesty, PinAttemptState, PinAttempts } from '../store/pin-attempts.js'

export interface PinGuardOptions {
  readonly attempts: PinAttempts
  /** Bytes that tell one PIN of one token from another, and nothing else. */
  readonly fingerprint: (serial: string, pin: string) => Promise<Uint8Array>
}

/** One PIN that may go to one token, once. */
export interface AdmittedPin {
  /**
   * Runs `send`, which may make one try. That a try may be made is on disk before; what became of it
   * afterwards. `amnesty` is what a success makes possible again. Rejects as `send` does, or with
   * STORE_UNUSABLE, or with CLIENT_LEFT when the caller has gone before.
   */
  attempt<T>(send: () => Promise<T>, amnesty: PinAmnesty): Promise<T>
}

/**
 * Keeps a PIN that failed from being sent to the same token again. A SAST token locks for ever after
 * 15 wrong PINs, and scripts and hurried people repeat themselves.
 */
export class PinGuard {
  readonly #attempts: PinAttempts
  readonly #fingerprint: PinGuardOptions['fingerprint']
  #wrongTries = new Map<string, number>()

  constructor({ attempts, fingerprint }: PinGuardOptions) {
    this.#attempts = attempts
    this.#fingerprint = fingerprint
  }

  /** Reads the counts of the tries that were made before. */
  async start(): Promise<void> {
    this.#wrongTries = new Map(await this.#attempts.wrongTries())
  }

  /** Wrong and interrupted tries that were made through this store. */
  wrongTries(serial: string): number {
    return this.#wrongTries.get(serial) ?? 0
  }

  /**
   * PIN_KNOWN_WRONG or PIN_UNKNOWN_OUTCOME when this PIN failed on this token, unless `repeatPin`.
   * An empty PIN is typed on the reader, where nobody can know it.
   */
  async admit(
    { principal, requestId, hasLeft }: Caller,
    serial: string,
    pin: string,
    repeatPin: boolean,
  ): Promise<AdmittedPin> {
    const fingerprint = pin === '' ? undefined : await this.#fingerprint(serial, pin)
    if (fingerprint !== undefined && !repeatPin) await this.#refuseFailed(serial, fingerprint)
    return {
      attempt: async (send, amnesty) => {
        // A try is not spent for somebody who gave up, as on a daemon that was stopped and goes on.
        if (hasLeft?.()) {
          throw new BridgeError('CLIENT_LEFT', 'The client left before its PIN was sent.', { token: serial })
        }
        const id = await this.#attempts.begin({ serial, fingerprint, principal, requestId })
        const done = await send().catch(async (error: unknown) => {
          await this.#settleFailure(serial, id, stateAfter(error))
          throw error
        })
        await this.#attempts.settle(id, 'ok', amnesty).catch((error: unknown) => {
          // What stays `attempting` is an interrupted try, also for those who look before a restart.
          this.#count(serial)
          throw error
        })
        return done
      },
    }
  }

  #count(serial: string): void {
    this.#wrongTries.set(serial, this.wrongTries(serial) + 1)
  }

  async #refuseFailed(serial: string, fingerprint: Uint8Array): Promise<void> {
    const held = await this.#attempts.heldAgainst(serial, fingerprint)
    if (held === 'wrong') {
      const detail = `The token ${serial} refused this PIN before; it was not sent again.`
      throw new BridgeError('PIN_KNOWN_WRONG', detail, { token: serial })
    }
    if (held === 'unknown') {
      const detail = `Nobody knows what the token ${serial} said to this PIN last time; it was not sent again.`
      throw new BridgeError('PIN_UNKNOWN_OUTCOME', detail, { token: serial })
    }
  }

  async #settleFailure(
    serial: string,
    id: number,
    state: Exclude<PinAttemptState, 'attempting'>,
  ): Promise<void> {
    if (state === 'wrong' || state === 'unknown') this.#count(serial)
    // The refusal is what the caller has to know. An outcome that is not on disk is taken for unknown.
    await this.#attempts.settle(id, state, 'none').catch(() => undefined)
  }
}

/** PKCS#11 v2.40 §5.6: these do not say that the PIN was wrong; PIN_REFUSED is about the new one. */
const NOT_JUDGED: readonly string[] = ['PIN_LENGTH', 'PIN_NOT_SET', 'PIN_EXPIRED', 'PIN_REFUSED']

function stateAfter(error: unknown): Exclude<PinAttemptState, 'attempting'> {
  if (!(error instanceof TokenError)) return 'unknown'
  if (error.place.reached === 'no') return 'not-sent'
  if (error.code === 'PIN_WRONG') return 'wrong'
  if (error.code === 'PIN_LOCKED') return 'locked'
  return NOT_JUDGED.includes(error.code) ? 'not-sent' : 'unknown'
}
