import type { NewKey, NewTokenCertificate } from '../provisioning.js'
import type { ModuleSnapshot, Reached, SignAlgorithm, TokenErrorCode, TokenKey } from '../token.js'

/** A watch host never logs in. A sign host serves one token, a provisioning host one job on one token. */
export type HostRole = 'watch' | 'sign' | 'provision'

/** What can be asked of a host, and what it answers. One request is under way at a time. */
export interface Calls {
  load: { ask: { readonly path: string }; answer: null }
  scan: { ask: null; answer: ModuleSnapshot }
  open: { ask: { readonly serial: string }; answer: null }
  login: { ask: { readonly pin: string; readonly finalTry: boolean }; answer: null }
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
