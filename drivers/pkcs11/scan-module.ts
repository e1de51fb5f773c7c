import type { ModuleSnapshot, TokenSnapshot } from '../token.js'
import { mechanismName } from './ckm.js'
import { CKF_SERIAL_SESSION, type Cryptoki } from './cryptoki.js'
import { describeFailure } from './host-error.js'
import { readCertificates } from './token-objects.js'
import {
  listTokenSlots,
  readPinFlags,
  readTokenSlot,
  type TokenSlot,
  trimText,
  versionText,
} from './token-slots.js'

/** Everything a module shows without a login. */
export function scanModule(cryptoki: Cryptoki): ModuleSnapshot {
  const info = cryptoki.C_GetInfo()
  return {
    library: {
      description: trimText(info.libraryDescription),
      manufacturer: trimText(info.manufacturerID),
      version: versionText(info.libraryVersion),
    },
    tokens: listTokenSlots(cryptoki).flatMap((found) => {
      const token = scanToken(cryptoki, found)
      return isStillThere(cryptoki, found) ? token : []
    }),
  }
}

/**
 * A token that is pulled while it is read may show no certificates without any error; it must not be
 * taken for one that has none.
 */
function isStillThere(cryptoki: Cryptoki, { slot, serial }: TokenSlot): boolean {
  return readTokenSlot(cryptoki, slot)?.serial === serial
}

function scanToken(cryptoki: Cryptoki, { slot, description, info, serial }: TokenSlot): TokenSnapshot {
  const seen = {
    serial,
    label: trimText(info.label),
    manufacturer: trimText(info.manufacturerID),
    model: trimText(info.model),
    firmware: versionText(info.firmwareVersion),
    hardware: versionText(info.hardwareVersion),
    slot: description,
    pin: readPinFlags(info),
  }
  try {
    const mechanisms = cryptoki.C_GetMechanismList(slot).map(mechanismName).sort()
    const session = cryptoki.C_OpenSession(slot, CKF_SERIAL_SESSION)
    return { ...seen, mechanisms, certificates: readCertificates(cryptoki, session) }
  } catch (thrown) {
    const fault = describeFailure(thrown, 'Reading the certificates').detail
    return { ...seen, mechanisms: [], certificates: [], fault }
  }
}
