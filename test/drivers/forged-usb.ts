/**
 * A USB device that is plugged in and out as the kernel and udevd would show it, in a network namespace of its own
 * with an empty /sys. Only for scripts that run there.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const BUS = '/sys/bus/usb/devices'
const DEVICE = '/devices/pci0000:00/0000:00:01.2/usb1/1-1'

export function makeBus(): void {
  mkdirSync(BUS, { recursive: true })
}

/** Of the 18 bytes of a device descriptor, USB 2.0 §9.6.1. */
function descriptor(vendorId: number, productId: number): Buffer {
  const bytes = Buffer.from([18, 1, 0, 2, 0, 0, 0, 64, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1])
  bytes.writeUInt16LE(vendorId, 8)
  bytes.writeUInt16LE(productId, 10)
  return bytes
}

export function put(vendorId: number, productId: number): void {
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

export function take(): void {
  rmSync(join(BUS, '1-1'))
  rmSync(join('/sys', DEVICE), { recursive: true })
}

/** `forge` is the program made of `forge-uevent.c`; `product` as in a uevent, for example `529/620/100`. */
export function tell(forge: string, action: 'add' | 'remove', product: string): void {
  execFileSync(forge, [action, DEVICE, '1', '5', product])
}
