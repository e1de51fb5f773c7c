import type { TokenErrorCode } from '../token.js'

/**
 * What a return value means for a person. Everything else is TOKEN_FAILED: the client then looks
 * whether the token is still plugged in, because modules disagree about the code for that.
 */
const CODES: Readonly<Record<string, TokenErrorCode>> = {
  CKR_PIN_INCORRECT: 'PIN_WRONG',
  CKR_PIN_INVALID: 'PIN_WRONG',
  CKR_PIN_LEN_RANGE: 'PIN_LENGTH',
  CKR_PIN_EXPIRED: 'PIN_EXPIRED',
  CKR_PIN_LOCKED: 'PIN_LOCKED',
  CKR_USER_PIN_NOT_INITIALIZED: 'PIN_NOT_SET',
  CKR_USER_NOT_LOGGED_IN: 'TOKEN_LOCKED',
  CKR_DEVICE_REMOVED: 'TOKEN_REMOVED',
  CKR_TOKEN_NOT_PRESENT: 'TOKEN_REMOVED',
  CKR_SLOT_ID_INVALID: 'TOKEN_REMOVED',
  CKR_KEY_FUNCTION_NOT_PERMITTED: 'KEY_UNUSABLE',
  CKR_KEY_TYPE_INCONSISTENT: 'KEY_UNUSABLE',
  CKR_KEY_SIZE_RANGE: 'KEY_UNUSABLE',
  CKR_MECHANISM_INVALID: 'KEY_UNUSABLE',
}

export function tokenErrorCodeOf(ckr: string): TokenErrorCode {
  return CODES[ckr] ?? 'TOKEN_FAILED'
}

/**
 * The name of the return value in what the addon threw. A value of the vendor's own comes out as
 * `CKR_VENDOR_DEFINED+0x…`. Undefined when PKCS#11 had no part in it.
 */
export function readCkr(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined
  const [, name, digits] = /(CKR_\w+)(?::(\d+))?/.exec(thrown.message) ?? []
  if (name !== 'CKR_VENDOR_DEFINED') return name
  const code = digits ?? ('code' in thrown ? thrown.code : undefined)
  // PKCS#11 v2.40 §3.6: vendors count from 0x80000000.
  return code === undefined ? name : `${name}+0x${(Number(code) % 0x80000000).toString(16)}`
}
