/**
 * Runs in namespaces of its own, with a daemon whose only way to hear of a token is USB: plugs a SoftHSM token in
 * and out, each time a while before or after the USB device, and writes the daemon's events as JSON.
 * Arguments: the program made of `forge-uevent.c`, a folder, the serial of the token, which is unplugged.
 */
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'smol-toml'
import { startDaemonWith } from '../../demo/daemon-process.js'
import { moduleTable } from '../../softhsm/module-settings.js'
import { plug, softhsmModule, unplug } from '../../softhsm/tokens-folder.js'
import { makeBus, put, take, tell } from '../drivers/forged-usb.js'
import { eventually } from '../drivers/temporary-softhsm.js'
import { ask } from './bench.js'

/** Milliseconds from the first look after the USB event until the module can see the token, as pcscd may take. */
const LATER = 3_500

const [, , forge = '', folder = '', serial = ''] = process.argv
const softhsm = join(folder, 'softhsm')

execFileSync(forge, ['loopback'])
makeBus()
const settings = join(folder, 'config.toml')
const module = { ...moduleTable(softhsmModule(softhsm)), watch_folders: [], rescan_seconds: 3600 }
await writeFile(
  settings,
  stringify({
    http: { socket: join(folder, 'api.sock'), port: 0 },
    state: { folder: join(folder, 'state') },
    log: { level: 'error' },
    modules: [module],
  }),
)
const daemon = await startDaemonWith(settings)
const get = async (path: string) => (await ask(daemon.url, path, { key: daemon.key })).json

async function state(wanted: string): Promise<string> {
  return await eventually(async () => {
    const found = (await get('/v1/tokens')).tokens.find(
      (token: { serial: string }) => token.serial === serial,
    )
    return found?.state === wanted ? wanted : undefined
  })
}

try {
  await eventually(async () => (await get('/v1/status')).usb.state === 'ready' || undefined)
  const seen: string[] = []
  put(0x0529, 0x0620)
  tell(forge, 'add', '529/620/100')
  await eventually(async () => (await get('/v1/status')).usb.devices.length > 0 || undefined)
  await sleep(LATER)
  await plug(softhsm, serial)
  seen.push(await state('present'))
  await unplug(softhsm, serial)
  take()
  tell(forge, 'remove', '529/620/100')
  seen.push(await state('absent'))
  process.stdout.write(JSON.stringify(seen))
} finally {
  await daemon.stop()
}
