import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeSastToken } from '../../softhsm/sast-token.js'
import { makeSofthsm, unplug } from '../../softhsm/tokens-folder.js'
import { runInNamespaces, usbTest } from '../drivers/namespaces.js'

usbTest(
  'A USB event alone leads the daemon to a token, also when its library shows it seconds later',
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-usb-'))
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    const softhsm = join(folder, 'softhsm')
    await makeSofthsm(softhsm)
    const { serial } = await makeSastToken({ folder: softhsm, label: 'by USB', bits: 1024 })
    await unplug(softhsm, serial)
    const script = new URL('./usb-plug-inside.js', import.meta.url)
    t.deepEqual(await runInNamespaces(script, [folder, serial]), ['present', 'absent'])
  },
)
