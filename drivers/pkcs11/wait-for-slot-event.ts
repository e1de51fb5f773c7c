import { readCkr } from './ckr.js'
import type { Cryptoki } from './cryptoki.js'

/**
 * Blocks until a slot changed. Which one is of no interest: the slot list of a fresh scan is the truth.
 * SoftHSM and others have no slot events and say so at once.
 */
export function waitForSlotEvent(cryptoki: Pick<Cryptoki, 'C_WaitForSlotEvent'>): 'event' | 'unsupported' {
  try {
    return cryptoki.C_WaitForSlotEvent(0) === null ? 'unsupported' : 'event'
  } catch (thrown) {
    // PKCS#11 v2.40 §5.5: CKF_DONT_BLOCK may be the only form a module has.
    const ckr = readCkr(thrown)
    if (ckr === 'CKR_FUNCTION_NOT_SUPPORTED' || ckr === 'CKR_ARGUMENTS_BAD') return 'unsupported'
    throw thrown
  }
}
