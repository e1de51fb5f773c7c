/**
 * What became of a PIN on its way to a token:
 * `attempting` it may be on its way · `ok` accepted · `wrong` refused by the token · `locked` the token
 * takes no PIN · `not-sent` never judged: not sent, or refused for a reason that is not the PIN ·
 * `unknown` the try was interrupted, and counts as one.
 */
export type PinAttemptState = 'attempting' | 'ok' | 'wrong' | 'locked' | 'not-sent' | 'unknown'

export interface NewPinAttempt {
  readonly serial: string
  /** Undefined where the PIN is typed on the reader. */
  readonly fingerprint: Uint8Array | undefined
  readonly principal: { readonly keyId: string; readonly name: string }
  readonly requestId: string
}

/** Which failed PINs of the token an attempt that ended makes possible again. */
export type PinAmnesty = 'none' | 'this-pin' | 'every-pin'

/**
 * The port of the memory of PINs. A fingerprint is kept while its PIN must not be sent again, never
 * for a PIN that was right.
 *
 * Adapter: `pin-attempt-table.ts`.
 */
export interface PinAttempts {
  /** Resolves with the attempt's number when `attempting` is on disk. Rejects with STORE_UNUSABLE. */
  begin(attempt: NewPinAttempt): Promise<number>
  /** Rejects with STORE_UNUSABLE; the attempt then stays `attempting`, which is taken for `unknown`. */
  settle(id: number, state: Exclude<PinAttemptState, 'attempting'>, amnesty: PinAmnesty): Promise<void>
  /** What is held against this PIN on this token. */
  heldAgainst(serial: string, fingerprint: Uint8Array): Promise<'wrong' | 'unknown' | undefined>
  /** Wrong and unknown attempts so far, by serial. */
  wrongTries(): Promise<ReadonlyMap<string, number>>
}
