import type { PinFlags } from '../token.js'
import { CKU_USER, type Cryptoki } from './cryptoki.js'
import { beforeTry, describeFailure, HostError } from './host-error.js'
import { readPinFlags } from './token-slots.js'

/** CK_TOKEN_INFO of one slot is all that a try asks for beside the try itself. */
type TryCalls = Pick<Cryptoki, 'C_GetTokenInfo' | 'C_Login' | 'C_SetPIN'>

export interface LoginTry {
  readonly pin: string
  /** Go on although one wrong try would lock the token. */
  readonly finalTry: boolean
  /** CKU_USER, or CKU_CONTEXT_SPECIFIC for a key that asks before every signature. */
  readonly user?: number
}

/**
 * Reads the PIN flags and, when they allow a try, makes exactly one. The flags are read here, right
 * before the login, because another program may have spent tries since the last scan.
 */
export function loginOnce(
  cryptoki: TryCalls,
  slot: Buffer,
  session: Buffer,
  { pin, finalTry, user = CKU_USER }: LoginTry,
): void {
  const flags = readFlags(cryptoki, slot)
  refuseBeforeTrying(flags, finalTry)
  refuseLength(flags, pin)
  try {
    cryptoki.C_Login(session, user, pin)
  } catch (thrown) {
    if (pin === '') refuseUnlessReader(thrown)
    throw explainTry(cryptoki, slot, thrown, 'The login')
  }
}

/** As `loginOnce`: the flags, then one C_SetPIN at most. `session` is a read-write one. */
export function changePinOnce(
  cryptoki: TryCalls,
  slot: Buffer,
  session: Buffer,
  oldPin: string,
  newPin: string,
): void {
  const flags = readFlags(cryptoki, slot)
  refuseBeforeTrying(flags, false)
  refuseLength(flags, oldPin)
  refuseLength(flags, newPin, 'The new PIN is of another length: ')
  try {
    cryptoki.C_SetPIN(session, oldPin, newPin)
  } catch (thrown) {
    if (oldPin === '') refuseUnlessReader(thrown)
    const { ckr } = describeFailure(thrown, 'The change of the PIN')
    // PKCS#11 v2.40 §5.5: both are about the new PIN; a wrong old one is CKR_PIN_INCORRECT.
    if (ckr === 'CKR_PIN_INVALID' || ckr === 'CKR_PIN_LEN_RANGE') {
      throw new HostError('PIN_REFUSED', `The token does not take the new PIN (${ckr}).`)
    }
    throw explainTry(cryptoki, slot, thrown, 'The change of the PIN')
  }
}

function readFlags(cryptoki: TryCalls, slot: Buffer): PinFlags {
  return beforeTry('Reading the PIN flags', () => readPinFlags(cryptoki.C_GetTokenInfo(slot)))
}

function explainTry(cryptoki: TryCalls, slot: Buffer, thrown: unknown, doing: string): unknown {
  const failure = describeFailure(thrown, doing)
  if (failure.code !== 'PIN_WRONG') return thrown
  return new HostError('PIN_WRONG', `The token refused the PIN${triesLeft(cryptoki, slot)}.`)
}

/**
 * PKCS#11 v2.40 §5.6 asks for a NULL pointer where the PIN is typed on the reader. The addon can only
 * pass an empty text, which most modules take for the same and some refuse.
 */
function refuseUnlessReader(thrown: unknown): void {
  const { ckr } = describeFailure(thrown, 'The login')
  if (ckr !== 'CKR_PIN_LEN_RANGE' && ckr !== 'CKR_ARGUMENTS_BAD' && ckr !== 'CKR_PIN_INVALID') return
  const detail = `This library does not let the reader ask for the PIN when it is given none (${ckr}).`
  throw new HostError('PIN_REFUSED', detail)
}

/** PKCS#11 tells no number of tries, only these two flags. */
function triesLeft(cryptoki: TryCalls, slot: Buffer): string {
  try {
    const { finalTry, countLow, locked } = readPinFlags(cryptoki.C_GetTokenInfo(slot))
    if (locked) return ' and is locked now'
    if (finalTry) return '; one try is left'
    return countLow ? ' and counts wrong ones since the last right one' : ''
  } catch {
    return ''
  }
}

function refuseBeforeTrying(flags: PinFlags, finalTry: boolean): void {
  if (flags.locked) throw new HostError('PIN_LOCKED', 'The PIN of this token is locked.', 'no')
  if (!flags.set) throw new HostError('PIN_NOT_SET', 'This token has no user PIN yet.', 'no')
  if (flags.finalTry && !finalTry) {
    throw new HostError('PIN_FINAL_TRY', 'One try is left; a wrong PIN would lock this token for ever.', 'no')
  }
}

/** An empty PIN stands for the one that is typed on the reader. */
function refuseLength({ onReader, minLength, maxLength }: PinFlags, pin: string, which = ''): void {
  if (pin === '' && onReader) return
  // PKCS#11 v2.40 §5.6: a PIN is UTF-8, its length counts bytes.
  const length = Buffer.byteLength(pin)
  if (length > 0 && length >= minLength && length <= maxLength) return
  const range =
    maxLength === Number.MAX_SAFE_INTEGER ? `${minLength} or more` : `${minLength} to ${maxLength}`
  throw new HostError('PIN_LENGTH', `${which}This token takes PINs of ${range} bytes.`, 'no')
}
