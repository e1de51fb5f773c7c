import test from 'ava'
import type { Cryptoki, TokenInfo } from '../../drivers/pkcs11/cryptoki.js'
import { scanModule } from '../../drivers/pkcs11/scan-module.js'
import { listTokenSlots } from '../../drivers/pkcs11/token-slots.js'

const PRESENT = 0x1
const INITIALIZED = 0x400

function tokenInfo(serialNumber: string, flags: number): TokenInfo {
  const version = { major: 1, minor: 0 }
  const text = { label: '', manufacturerID: '', model: '' }
  const limits = { minPinLen: 4, maxPinLen: 16, hardwareVersion: version, firmwareVersion: version }
  return { ...text, ...limits, serialNumber, flags }
}

interface SlotDouble {
  readonly flags: number
  readonly info: () => TokenInfo
}

/** The calls that `listTokenSlots` makes, over slots numbered by their first byte. */
function moduleWith(slots: readonly SlotDouble[]): Parameters<typeof listTokenSlots>[0] {
  const slotOf = (handle: Buffer) => {
    const slot = slots[handle[0] ?? -1]
    if (slot === undefined) throw new Error('CKR_SLOT_ID_INVALID:3')
    return slot
  }
  return {
    C_GetSlotList: () => slots.map((_, index) => Buffer.from([index])),
    C_GetSlotInfo: (handle) => ({ slotDescription: `slot ${handle[0]}   `, flags: slotOf(handle).flags }),
    C_GetTokenInfo: (handle) => slotOf(handle).info(),
  }
}

test('Empty readers, blank tokens and cards of another kind are no tokens', (t) => {
  const module = moduleWith([
    { flags: 0, info: () => tokenInfo('EMPTY', INITIALIZED) },
    { flags: PRESENT, info: () => tokenInfo('BLANK', 0) },
    { flags: PRESENT, info: () => tokenInfo('        ', INITIALIZED) },
    {
      flags: PRESENT,
      info: () => {
        throw new Error('CKR_TOKEN_NOT_RECOGNIZED:225')
      },
    },
    { flags: PRESENT, info: () => tokenInfo('GOOD    ', INITIALIZED) },
  ])
  const found = listTokenSlots(module).map(({ serial, description }) => ({ serial, description }))
  t.deepEqual(found, [{ serial: 'GOOD', description: 'slot 4' }])
})

test('A token that is pulled while its certificates are read is not taken for an empty one', (t) => {
  let present = true
  const info = () => {
    if (!present) throw new Error('CKR_DEVICE_REMOVED:50')
    return tokenInfo('AB12', INITIALIZED)
  }
  const library = { libraryDescription: 'L', manufacturerID: 'M', libraryVersion: { major: 1, minor: 0 } }
  const cryptoki = {
    ...moduleWith([{ flags: PRESENT, info }]),
    C_GetInfo: () => library,
    C_GetMechanismList: () => [],
    C_OpenSession: () => Buffer.of(1),
    C_FindObjectsInit: () => undefined,
    C_FindObjects: () => {
      present = false
      return []
    },
    C_FindObjectsFinal: () => undefined,
  } as unknown as Cryptoki
  t.deepEqual(scanModule(cryptoki).tokens, [])
})
