import type { ModuleSnapshot, PinFlags, TokenErrorCode } from '../../drivers/token.js'
import type { CertificateFacts } from './known-certificate.js'

export type TokenState = 'absent' | 'present' | 'ready' | 'signing' | 'locked-out' | 'faulty'

export interface LeaseView {
  /** Name of the principal who unlocked the token. */
  readonly holder: string
  /** The principal's key. */
  readonly keyId: string
  /** ISO 8601. */
  readonly until: string
  readonly usesLeft: number
}

/** A certificate on a token. What cannot be read of it is null, and `whyNot` says so. */
export interface CertificateView {
  /** Lower-case hex of the DER's digest. */
  readonly sha256: string
  readonly sha1: string
  /** CKA_ID, lower-case hex. */
  readonly keyId: string
  readonly label: string
  readonly der: Uint8Array
  readonly subject: string | null
  readonly issuer: string | null
  readonly serial: string | null
  /** ISO 8601. */
  readonly notBefore: string | null
  readonly notAfter: string | null
  readonly key: CertificateFacts['key'] | null
  /** As far as can be told without a login: whether the private key is there shows only afterwards. */
  readonly maySign: boolean
  /** Why it may not sign, without a full stop. */
  readonly whyNot?: string
}

export interface TokenView {
  readonly serial: string
  readonly label: string
  readonly manufacturer: string
  readonly model: string
  readonly firmware: string
  readonly hardware: string
  /** Name of the module that serves it. */
  readonly module: string
  /** Later modules that show the same serial; they are not used for it. */
  readonly shadowed: readonly string[]
  readonly slot: string
  readonly state: TokenState
  /** One sentence when the state is `faulty`. */
  readonly fault?: string
  /** As seen last. */
  readonly pin: PinFlags
  /**
   * Wrong and interrupted PIN tries that ctl-bridge itself caused on this token since it was first
   * seen. Tries by other programs are not in it, and a right PIN does not take it back.
   */
  readonly wrongTries: number
  /** Whether its library refused to let the reader ask for the PIN when it was given an empty one. */
  readonly readerRefuses: boolean
  readonly mechanisms: readonly string[]
  readonly lease: LeaseView | null
  readonly certificates: readonly CertificateView[]
}

export interface ModuleView {
  readonly name: string
  /** parked: its processes keep dying; tried again rarely, or when asked. */
  readonly state: 'starting' | 'ready' | 'failed' | 'parked'
  readonly error?: { readonly code: TokenErrorCode; readonly detail: string }
  /** As of the last scan that worked. */
  readonly library?: ModuleSnapshot['library']
  /** Tokens that this module showed last and owns. */
  readonly tokens: number
}
