import type { PinFlags } from '../token.js'
import * as p11 from './cryptoki.js'

/** A slot with an initialised token in it. */
export interface TokenSlot {
  readonly slot: Buffer
  readonly description: string
  readonly info: p11.TokenInfo
  readonly serial: string
}

type SlotCalls = Pick<p11.Cryptoki, 'C_GetSlotList' | 'C_GetSlotInfo' | 'C_GetTokenInfo'>

/**
 * Slots with an initialised token that has a serial number. Modules also list empty readers, blank
 * tokens (SoftHSM keeps one) and cards of other kinds, which fail to give their information.
 */
export function listTokenSlots(cryptoki: SlotCalls): TokenSlot[] {
  const slots = cryptoki.C_GetSlotList(true)
  return slots.flatMap((slot) => readTokenSlot(cryptoki, slot) ?? [])
}

/** Undefined where no initialised token with a serial number is. */
export function readTokenSlot(cryptoki: SlotCalls, slot: Buffer): TokenSlot | undefined {
  try {
    const { flags, slotDescription } = cryptoki.C_GetSlotInfo(slot)
    if ((flags & p11.CKF_TOKEN_PRESENT) === 0) return undefined
    const info = cryptoki.C_GetTokenInfo(slot)
    const serial = trimText(info.serialNumber)
    if ((info.flags & p11.CKF_TOKEN_INITIALIZED) === 0 || serial === '') return undefined
    return { slot, description: trimText(slotDescription), info, serial }
  } catch {
    return undefined
  }
}

/** PKCS#11 v2.40 §3.2 pads with blanks; some modules pad with NUL. */
export function trimText(text: string): string {
  const [beforeNul = ''] = text.split('\0', 1)
  return beforeNul.trim()
}

export function versionText({ major, minor }: p11.Version): string {
  return `${major}.${minor}`
}

/** CK_UNAVAILABLE_INFORMATION, cut to 32 bits by the addon. */
const UNAVAILABLE = 0xffffffff

export function readPinFlags({ flags, minPinLen, maxPinLen }: p11.TokenInfo): PinFlags {
  const unlimited = maxPinLen === 0 || maxPinLen === UNAVAILABLE
  return {
    set: (flags & p11.CKF_USER_PIN_INITIALIZED) !== 0,
    countLow: (flags & p11.CKF_USER_PIN_COUNT_LOW) !== 0,
    finalTry: (flags & p11.CKF_USER_PIN_FINAL_TRY) !== 0,
    locked: (flags & p11.CKF_USER_PIN_LOCKED) !== 0,
    mustChange: (flags & p11.CKF_USER_PIN_TO_BE_CHANGED) !== 0,
    onReader: (flags & p11.CKF_PROTECTED_AUTHENTICATION_PATH) !== 0,
    minLength: minPinLen === UNAVAILABLE ? 0 : minPinLen,
    maxLength: unlimited ? Number.MAX_SAFE_INTEGER : maxPinLen,
  }
}
