import { type ExecFileException, execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'
import type { UsbStatus } from '../../drivers/usb/usb-hints.js'
import { compiledFrom, compileOnce, compileProgram } from './compile-c.js'
import { HANG_LIMIT } from './temporary-softhsm.js'

interface Step {
  readonly name: string
  readonly status: UsbStatus
  readonly hints: number
}

/** Root has namespaces of its own; others only where the system lets them. */
const UNSHARE = process.getuid?.() === 0 ? ['-n', '-m'] : ['-r', '-n', '-m']
const PREPARE = 'mount -t tmpfs tmpfs /sys && exec "$@"'

function whyNot(): string | undefined {
  const tried = spawnSync('unshare', [...UNSHARE, 'sh', '-c', PREPARE, 'sh', 'true'], { encoding: 'utf8' })
  if (tried.status === 0) return undefined
  return (tried.error?.message ?? tried.stderr.trim()) || `unshare ended with code ${tried.status}`
}

const forbidden = whyNot()
const suffix = forbidden === undefined ? '' : ' (NOT RUN: this system allows no namespaces)'

test(`USB devices of token vendors are told when they come and go, others are not${suffix}`, async (t) => {
  if (forbidden !== undefined) {
    t.log(`Run as root to test USB hot-plug. unshare says: ${forbidden}`)
    t.pass()
    return
  }
  const steps = await runInside()
  const step = (name: string) => steps.find((one) => one.name === name)
  t.like(step('without USB')?.status, { state: 'unavailable', devices: [] })
  t.regex(step('without USB')?.status.detail ?? '', /\/sys\/bus\/usb\/devices/)
  t.deepEqual(step('nothing plugged in')?.status, { state: 'ready', devices: [] })
  const etoken = { vendorId: '0529', productId: '0620', name: 'SafeNet eToken 5100, 5110 or JC' }
  t.deepEqual(step('token plugged in')?.status, { state: 'ready', devices: [etoken] })
  t.deepEqual(step('token replugged'), {
    name: 'token replugged',
    status: { state: 'ready', devices: [etoken] },
    hints: 2,
  })
  t.deepEqual(step('token pulled out')?.status.devices, [])
  const last = step('a mouse came and went, a YubiKey came')
  t.deepEqual(last?.status.devices, [{ vendorId: '1050', productId: '0407', name: 'YubiKey' }])
  t.is(last?.hints, 1, 'the mouse was no hint')
})

async function runInside(): Promise<readonly Step[]> {
  const forge = await compileOnce(
    compiledFrom(['drivers/forge-uevent.c'], 'drivers/forge-uevent'),
    compileProgram,
  )
  const script = fileURLToPath(new URL('./inside-namespace.js', import.meta.url))
  const command = [...UNSHARE, 'sh', '-c', PREPARE, 'sh', process.execPath, script, forge]
  try {
    const { stdout } = await promisify(execFile)('unshare', command, { timeout: HANG_LIMIT * 2 })
    return JSON.parse(stdout) as readonly Step[]
  } catch (error) {
    throw new Error((error as ExecFileException).stderr || String(error))
  }
}
