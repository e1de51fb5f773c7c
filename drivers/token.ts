/**
 * The ports of the hardware side. Nothing here knows what a CTL is: a token signs a message.
 *
 * Adapters: `drivers/pkcs11/pkcs11-client.ts` (the real one), test doubles in `test/`.
 */

/** What can go wrong with a module or a token. Texts and remedies: `daemon/problems.ts`. */
export type TokenErrorCode =
  | 'MODULE_NOT_LOADABLE'
  | 'MODULE_HOST_DIED'
  | 'MODULE_FAILED'
  | 'MODULE_PARKED'
  | 'TOKEN_UNKNOWN'
  | 'TOKEN_REMOVED'
  | 'TOKEN_LOCKED'
  | 'TOKEN_FAILED'
  | 'PIN_LENGTH'
  | 'PIN_WRONG'
  | 'PIN_LOCKED'
  | 'PIN_FINAL_TRY'
  | 'PIN_NOT_SET'
  | 'PIN_EXPIRED'
  | 'PIN_REFUSED'
  | 'KEY_UNUSABLE'
  | 'KEY_EXISTS'
  | 'TOKEN_NOT_OURS'
  | 'DEADLINE_EXCEEDED'
  | 'SIGNATURE_WRONG'

/**
 * How far a request came before it failed. `maybe` after a host was killed in the middle of a call:
 * a login that ended so counts as a try.
 */
export type Reached = 'no' | 'maybe' | 'yes'

export interface TokenErrorPlace {
  readonly module?: string
  readonly token?: string
  readonly reached?: Reached
  /** The PKCS#11 return value by name, for example `CKR_DEVICE_ERROR`. */
  readonly ckr?: string
}

export class TokenError extends Error {
  override readonly name = 'TokenError'
  readonly code: TokenErrorCode
  readonly place: TokenErrorPlace

  /** `detail` is one sentence about this occurrence. It never holds a PIN. */
  constructor(code: TokenErrorCode, detail: string, place: TokenErrorPlace = {}) {
    super(detail)
    this.code = code
    this.place = place
  }
}

/** The PIN flags of the PKCS#11 token (CKF_USER_PIN_…). Some tokens do not tell the truth. */
export interface PinFlags {
  readonly set: boolean
  readonly countLow: boolean
  readonly finalTry: boolean
  readonly locked: boolean
  readonly mustChange: boolean
  /** CKF_PROTECTED_AUTHENTICATION_PATH: the PIN may be typed on the reader; then '' is given here. */
  readonly onReader: boolean
  readonly minLength: number
  readonly maxLength: number
}

export interface TokenCertificate {
  /** CKA_ID as lower-case hex; pairs a certificate with its private key. */
  readonly keyId: string
  readonly label: string
  readonly der: Uint8Array
}

/** What one look at a token without a login shows. */
export interface TokenSnapshot {
  /** CK_TOKEN_INFO.serialNumber without padding: the token's name everywhere. */
  readonly serial: string
  readonly label: string
  readonly manufacturer: string
  readonly model: string
  readonly firmware: string
  readonly hardware: string
  readonly slot: string
  readonly pin: PinFlags
  /** Mechanism names, for example `CKM_RSA_PKCS`, sorted. */
  readonly mechanisms: readonly string[]
  readonly certificates: readonly TokenCertificate[]
  /** One sentence when the token is there but its certificates could not be read. */
  readonly fault?: string
}

export interface ModuleSnapshot {
  readonly library: { readonly description: string; readonly manufacturer: string; readonly version: string }
  readonly tokens: readonly TokenSnapshot[]
}

export type SignAlgorithm = 'rsa-sha1' | 'rsa-sha256' | 'rsa-sha512'

/** A private key as seen after login. `whyNot` is undefined when it may sign. */
export interface TokenKey {
  readonly keyId: string
  readonly label: string
  readonly modulusBits: number | undefined
  readonly whyNot: string | undefined
}

/** One unlocked or lockable token: a process of its own stands behind it. */
export interface TokenPort {
  readonly serial: string
  /** The keys that a login made visible. Rejects with TOKEN_LOCKED before a login. */
  keys(): Promise<readonly TokenKey[]>
  /**
   * Reads the PIN flags and logs in within one message to the host: exactly one try, never a retry.
   * Length, LOCKED and FINAL_TRY are refused before the token is asked; `finalTry` overrides the latter.
   * With `pin.onReader` the PIN may be '': the reader asks for it, and the person gets two minutes.
   */
  login(pin: string, options: { readonly finalTry: boolean }): Promise<void>
  /**
   * Reads the PIN flags and changes the user PIN within one message to the host: one try, never a
   * retry. Needs no login. The length of both is checked before. PIN_WRONG: the old one was wrong and
   * a try was spent. PIN_REFUSED: the token does not take the new one.
   */
  changePin(oldPin: string, newPin: string): Promise<void>
  /**
   * Logs out after the requests before it and ends the host; the port is dead afterwards. Never
   * rejects: a host that does not answer is killed at its deadline.
   */
  logout(): Promise<void>
  /**
   * Signs `message` (the host hashes it) with PKCS#1 v1.5. One at a time, in the order of the calls;
   * a module with `parallel` over 1 has several under way. A key with CKA_ALWAYS_AUTHENTICATE costs a
   * login per signature; when that fails the PIN is forgotten and the token locked.
   * `deadline` is in milliseconds from when the request reaches the host; its effect is SIGKILL
   * and DEADLINE_EXCEEDED with `reached: 'maybe'`. Requests queued behind it get MODULE_HOST_DIED
   * with `reached: 'no'`.
   */
  sign(
    keyId: string,
    algorithm: SignAlgorithm,
    message: Uint8Array,
    options: { readonly deadline: number },
  ): Promise<Uint8Array>
  /**
   * Called once when the host behind this port ended (MODULE_HOST_DIED, or DEADLINE_EXCEEDED when it was killed for
   * that) or the token left (TOKEN_REMOVED), but not after `logout`.
   * The port is dead afterwards. Called at once when that has happened already.
   */
  onGone(listener: (why: TokenError) => void): void
}

export interface ModulePort {
  /** The name given in the configuration. */
  readonly name: string
  /**
   * A fresh look at every token. Rejects with MODULE_… errors or DEADLINE_EXCEEDED. A module whose
   * hosts keep dying is parked: it rejects with MODULE_PARKED at once and is looked at again every ten
   * minutes, or when `evenParked` asks for it.
   */
  scan(options?: { readonly evenParked?: boolean }): Promise<ModuleSnapshot>
  /** Calls `hint` when a scan may show something new. Returns the function that stops watching. */
  watch(hint: () => void): () => void
  /**
   * Rejects with TOKEN_REMOVED when the module does not show the token, and as `scan()` does; always with
   * `reached: 'no'`, because no PIN and no message was on its way yet.
   */
  open(serial: string): Promise<TokenPort>
  /** Ends every child process of this module. */
  close(): Promise<void>
}

/** A PKCS#11 library, always from configuration, never from a client. */
export interface ModuleSettings {
  readonly name: string
  readonly path: string
  /** Added to the environment of the hosts, for example SOFTHSM2_CONF. */
  readonly environment: Readonly<Record<string, string>>
  /** Folders whose change hints that tokens came or went. */
  readonly watchFolders: readonly string[]
  /** Milliseconds between two scans without any hint. */
  readonly rescanEvery: number
  /** Milliseconds a host may take to load the library, to scan, or to log in. */
  readonly deadline: number
  /** Sign hosts per unlocked token. More than 1 only for modules that take several logins at a time. */
  readonly parallel: number
  /** Keep a host that waits in C_WaitForSlotEvent, where the module has it. */
  readonly slotEvents: boolean
  /** Load the library in p11-kit's remote process, and p11-kit's client in the hosts. */
  readonly remote: boolean
}
