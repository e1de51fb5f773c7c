import type { NewKey, NewTokenCertificate } from '../provisioning.js'
import type { ModuleSnapshot, Reached, SignAlgorithm, TokenErrorCode, TokenKey } from '../token.js'

/**
 * A watch host scans, a wait host stands in C_WaitForSlotEvent; neither logs in. A sign host serves one
 * token, a provisioning host one job on one token.
 */
export type HostRole = 'watch' | 'wait' | 'sign' | 'provision'

/** What can be asked of a host, and what it answers. One request is under way at a time. */
export interface Calls {
  load: { ask: { readonly path: string }; answer: null }
  scan: { ask: null; answer: ModuleSnapshot }
  /** Comes back when any slot changed; 'unsupported' when the module cannot tell. */
  wait: { ask: null; answer: 'event' | 'unsupported' }
  open: { ask: { readonly serial: string }; answer: null }
  login: { ask: { readonly pin: string; readonly finalTry: boolean }; answer: null }
  /**
   * Right after a login: forgets the PIN unless a key asks for it before every signature; says whether it
   * was kept. A message of
   * its own, so that a library that fails in it leaves no doubt about the login.
   */
  settlePin: { ask: null; answer: boolean }
  changePin: { ask: { readonly oldPin: string; readonly newPin: string }; answer: null }
  keys: { ask: null; answer: readonly TokenKey[] }
  sign: {
    ask: { readonly keyId: string; readonly algorithm: SignAlgorithm; readonly message: Uint8Array }
    answer: Uint8Array
  }
  makeKey: { ask: NewKey; answer: Uint8Array }
  writeCertificate: { ask: NewTokenCertificate; answer: null }
  findKey: { ask: { readonly publicKey: Uint8Array }; answer: string | null }
  removeKey: { ask: { readonly keyId: string }; answer: null }
  logout: { ask: null; answer: null }
}

export type Call = keyof Calls

export type Request = {
  [C in Call]: { readonly id: number; readonly call: C; readonly ask: Calls[C]['ask'] }
}[Call]

export interface HostFailure {
  readonly code: TokenErrorCode
  readonly detail: string
  readonly reached: Reached
  readonly ckr?: string
}

export type Reply =
  | { readonly id: number; readonly answer: Calls[Call]['answer'] }
  | { readonly id: number; readonly failure: HostFailure }
