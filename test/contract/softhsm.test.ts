import { makeSastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { plug, unplug } from '../../softhsm/tokens-folder.js'
import { settingsOf, temporarySofthsm } from '../drivers/temporary-softhsm.js'
import { runContract } from './run-contract.js'

runContract('softhsm', 'SoftHSM', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({ folder, label: 'contract', bits: 2048 })
  return {
    name: 'SoftHSM 2',
    settings: settingsOf(folder),
    pin: TEST_PIN,
    plug: () => plug(folder, serial),
    unplug: () => unplug(folder, serial),
    plugSecond: async () => {
      await makeSastToken({ folder, label: 'second', bits: 1024 })
    },
    close: async () => undefined,
  }
})
