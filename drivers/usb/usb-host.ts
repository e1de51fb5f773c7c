/**
 * The child process that owns the USB library: the only place that loads it. It asks which devices are
 * plugged in and opens none. The library ends the process when netlink is forbidden or /sys/bus/usb goes
 * away; the parent sees that and goes on without.
 *
 * Filtered by vendor alone: filters by class or serial number open the device, and can crash.
 */
import { WebUSB } from 'usb'
import { KNOWN_TOKENS } from '../known-tokens.js'
import type { UsbIds, UsbReport } from './usb-messages.js'

/** Milliseconds: the library swallows errors of its watch, so it is asked now and then as well. */
const RECONCILE_EVERY = 10_000

const vendors = [...new Set(KNOWN_TOKENS.map(({ vendorId }) => Number.parseInt(vendorId, 16)))]
const usb = new WebUSB({ allowedDevices: vendors.map((vendorId) => ({ vendorId })) })
let told: string | undefined

const hex = (id: number): string => id.toString(16).padStart(4, '0')

async function readIds(): Promise<UsbIds[]> {
  const devices = await usb.getDevices()
  return devices
    .map(({ vendorId, productId }) => ({ vendorId: hex(vendorId), productId: hex(productId) }))
    .sort((a, b) => `${a.vendorId}${a.productId}`.localeCompare(`${b.vendorId}${b.productId}`))
}

/** `changed`: an event says so, although the same ids may be there as before. */
async function report(changed: boolean): Promise<void> {
  const message: UsbReport = { devices: await readIds() }
  const text = JSON.stringify(message)
  if (!changed && text === told) return
  told = text
  process.send?.(message)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
for (const event of ['connect', 'disconnect'] as const) usb.addEventListener(event, () => void report(true))
setInterval(() => void report(false), RECONCILE_EVERY)
await report(true)
