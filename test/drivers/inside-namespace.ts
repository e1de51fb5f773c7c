/**
 * Runs in a network namespace of its own with an empty /sys: plugs a USB device in and out as the
 * kernel and udevd would show it, and writes what the hints made of it as one line of JSON.
 * Arguments: the program made of `forge-uevent.c`.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsbHints, type UsbStatus } from '../../drivers/usb/usb-hints.js'
import { eventually } from './temporary-softhsm.js'

const FORGE = process.argv[2] ?? ''
const BUS = '/sys/bus/usb/devices'
const DEVICE = '/devices/pci0000:00/0000:00:01.2/usb1/1-1'

/** Of the 18 bytes of a device descriptor, USB 2.0 §9.6.1. */
function descriptor(vendorId: number, productId: number): Buffer {
  const bytes = Buffer.from([18, 1, 0, 2, 0, 0, 0, 64, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1])
  bytes.writeUInt16LE(vendorId, 8)
  bytes.writeUInt16LE(productId, 10)
  return bytes
}

function put(vendorId: number, productId: number): void {
  const hex = (id: number) => id.toString(16).padStart(4, '0')
  const folder = join('/sys', DEVICE)
  mkdirSync(folder, { recursive: true })
  const attributes = {
    busnum: '1',
    devnum: '5',
    idVendor: hex(vendorId),
    idProduct: hex(productId),
    bcdDevice: '0100',
    version: ' 2.00',
    bDeviceClass: '00',
    bDeviceSubClass: '00',
    bDeviceProtocol: '00',
    speed: '12',
    bConfigurationValue: '1',
  }
  for (const [name, value] of Object.entries(attributes)) writeFileSync(join(folder, name), `${value}\n`)
  writeFileSync(join(folder, 'descriptors'), descriptor(vendorId, productId))
  symlinkSync(`../../..${DEVICE}`, join(BUS, '1-1'))
}

function take(): void {
  rmSync(join(BUS, '1-1'))
  rmSync(join('/sys', DEVICE), { recursive: true })
}

function tell(action: 'add' | 'remove', product: string): void {
  execFileSync(FORGE, [action, DEVICE, '1', '5', product])
}

interface Step {
  readonly name: string
  readonly status: UsbStatus
  readonly hints: number
}

const steps: Step[] = []
let hints = 0
let usb = new UsbHints({ onHint: () => undefined })
usb.start()

function note(name: string): void {
  steps.push({ name, status: usb.status(), hints })
  hints = 0
}

note('without USB')
await usb.close()
mkdirSync(BUS, { recursive: true })
usb = new UsbHints({ onHint: () => hints++, hintAfter: [0] })
usb.start()
await eventually(() => (hints > 0 ? true : undefined))
note('nothing plugged in')
put(0x0529, 0x0620)
tell('add', '529/620/100')
await eventually(() => (usb.status().devices.length > 0 ? true : undefined))
await eventually(() => (hints > 0 ? true : undefined))
note('token plugged in')
// The ids are the same before and after: only the events can tell.
tell('remove', '529/620/100')
tell('add', '529/620/100')
await eventually(() => (hints >= 2 ? true : undefined))
note('token replugged')
take()
tell('remove', '529/620/100')
await eventually(() => (usb.status().devices.length === 0 && hints > 0 ? true : undefined))
note('token pulled out')
put(0x046d, 0xc077)
tell('add', '46d/c077/7200')
take()
tell('remove', '46d/c077/7200')
put(0x1050, 0x0407)
tell('add', '1050/407/512')
await eventually(() => (usb.status().devices.length > 0 && hints > 0 ? true : undefined))
note('a mouse came and went, a YubiKey came')
await usb.close()
process.stdout.write(JSON.stringify(steps))
