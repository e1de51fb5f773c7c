import type { UsbStatus } from '../../drivers/usb/usb-hints.js'
import { runInNamespaces, usbTest } from './namespaces.js'

interface Step {
  readonly name: string
  readonly status: UsbStatus
  readonly hints: number
}

usbTest('USB devices of token vendors are told when they come and go, others are not', async (t) => {
  const steps = await runInNamespaces<readonly Step[]>(new URL('./inside-namespace.js', import.meta.url))
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
