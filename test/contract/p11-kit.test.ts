import { findP11Kit } from '../../drivers/known-modules.js'
import { makeSastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { plug, unplug } from '../../softhsm/tokens-folder.js'
import { settingsOf, temporarySofthsm } from '../drivers/temporary-softhsm.js'
import { useUnpackedP11Kit } from '../drivers/unpacked-p11-kit.js'
import { runContract } from './run-contract.js'

useUnpackedP11Kit()
const found = findP11Kit()
const whyNot = 'missing' in found ? `of p11-kit ${found.missing} is missing` : undefined

runContract(
  'softhsm-p11-kit',
  'SoftHSM behind p11-kit',
  async (t) => {
    const folder = await temporarySofthsm(t)
    const { serial } = await makeSastToken({ folder, label: 'contract', bits: 2048 })
    return {
      name: 'SoftHSM 2 in p11-kit’s remote process',
      settings: settingsOf(folder, { remote: true }),
      pin: TEST_PIN,
      plug: () => plug(folder, serial),
      unplug: () => unplug(folder, serial),
      plugSecond: async () => {
        await makeSastToken({ folder, label: 'second', bits: 1024 })
      },
      close: async () => undefined,
    }
  },
  whyNot,
)
