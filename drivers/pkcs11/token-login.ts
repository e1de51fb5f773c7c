import type { PinFlags } from '../token.js'
import { CKU_USER, type Cryptoki } from './cryptoki.js'
import { describeFailure, HostError } from './host-error.js'
import { readPinFlags } from './token-slots.js'

/**
 * Reads the PIN flags and, when they allow a try, makes exactly one. The flags are read here, right
 * before the login, because another program may have spent tries since the last scan.
 */
export function loginOnce(
  cryptoki: Cryptoki,
  slot: Buffer,
  session: Buffer,
  pin: string,
  finalTry: boolean,
): void {
  refuseBeforeTrying(readPinFlags(cryptoki.C_GetTokenInfo(slot)), pin, finalTry)
  try {
    cryptoki.C_Login(session, CKU_USER, pin)
  } catch (thrown) {
    const failure = describeFailure(thrown, 'The login')
    if (failure.code !== 'PIN_WRONG') throw thrown
    throw new HostError('PIN_WRONG', `The token refused the PIN${triesLeft(cryptoki, slot)}.`)
  }
}

/** As `loginOnce`, with C_SetPIN, which compares the old PIN. The last try is never spent on this. */
export function changePinOnce(
  cryptoki: Cryptoki,
  slot: Buffer,
  session: Buffer,
  oldPin: string,
  newPin: string,
): void {
  const flags = readPinFlags(cryptoki.C_GetTokenInfo(slot))
  refuseBeforeTrying(flags, oldPin, false)
  refuseLength(flags, newPin, 'The new PIN does not do: this')
  try {
    cryptoki.C_SetPIN(session, oldPin, newPin)
  } catch (thrown) {
    const failure = describeFailure(thrown, 'Changing the PIN')
    if (failure.code !== 'PIN_WRONG') throw thrown
    throw new HostError('PIN_WRONG', `The token refused the old PIN${triesLeft(cryptoki, slot)}.`)
  }
}

/** PKCS#11 tells no number of tries, only these two flags. */
function triesLeft(cryptoki: Cryptoki, slot: Buffer): string {
  try {
    const { finalTry, countLow, locked } = readPinFlags(cryptoki.C_GetTokenInfo(slot))
    if (locked) return ' and is locked now'
    if (finalTry) return '; one try is left'
    return countLow ? '; few tries may be left' : ''
  } catch {
    return ''
  }
}

function refuseBeforeTrying(flags: PinFlags, pin: string, finalTry: boolean): void {
  if (flags.locked) throw new HostError('PIN_LOCKED', 'The PIN of this token is locked.', 'no')
  if (!flags.set) throw new HostError('PIN_NOT_SET', 'This token has no user PIN yet.', 'no')
  refuseLength(flags, pin, 'This')
  if (flags.finalTry && !finalTry) {
    throw new HostError('PIN_FINAL_TRY', 'One try is left; a wrong PIN would lock this token for ever.', 'no')
  }
}

function refuseLength({ minLength, maxLength }: PinFlags, pin: string, beginning: string): void {
  // PKCS#11 v2.40 §5.6: a PIN is UTF-8, its length counts bytes.
  const length = Buffer.byteLength(pin)
  if (length === 0 || length < minLength || length > maxLength) {
    const range =
      maxLength === Number.MAX_SAFE_INTEGER ? `${minLength} or more` : `${minLength} to ${maxLength}`
    throw new HostError('PIN_LENGTH', `${beginning} token takes PINs of ${range} bytes.`, 'no')
  }
}
