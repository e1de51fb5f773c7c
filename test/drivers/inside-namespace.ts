/**
 * Runs in a network namespace of its own with an empty /sys: plugs a USB device in and out as the
 * kernel and udevd would show it, and writes what the hints made of it as one line of JSON.
 * Arguments: the program made of `forge-uevent.c`.
 */
import { UsbHints, type UsbStatus } from '../../drivers/usb/usb-hints.js'
import { makeBus, put, take, tell } from './forged-usb.js'
import { eventually } from './temporary-softhsm.js'

const [, , forge = ''] = process.argv

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
makeBus()
usb = new UsbHints({ onHint: () => hints++, hintAgainAfter: [] })
usb.start()
await eventually(() => (hints > 0 ? true : undefined))
note('nothing plugged in')
put(0x0529, 0x0620)
tell(forge, 'add', '529/620/100')
await eventually(() => (usb.status().devices.length > 0 ? true : undefined))
await eventually(() => (hints > 0 ? true : undefined))
note('token plugged in')
// The ids are the same before and after: only the events can tell.
tell(forge, 'remove', '529/620/100')
tell(forge, 'add', '529/620/100')
await eventually(() => (hints >= 2 ? true : undefined))
note('token replugged')
take()
tell(forge, 'remove', '529/620/100')
await eventually(() => (usb.status().devices.length === 0 && hints > 0 ? true : undefined))
note('token pulled out')
put(0x046d, 0xc077)
tell(forge, 'add', '46d/c077/7200')
take()
tell(forge, 'remove', '46d/c077/7200')
put(0x1050, 0x0407)
tell(forge, 'add', '1050/407/512')
await eventually(() => (usb.status().devices.length > 0 && hints > 0 ? true : undefined))
note('a mouse came and went, a YubiKey came')
await usb.close()
process.stdout.write(JSON.stringify(steps))
