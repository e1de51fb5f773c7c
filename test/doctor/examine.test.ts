import test from 'ava'
import type { Check } from '../../daemon/doctor/check.js'
import type { ClusterFacts } from '../../daemon/doctor/cluster-facts.js'
import { examine } from '../../daemon/doctor/examine.js'
import type { MachineFacts, ModuleTrial } from '../../daemon/doctor/machine-facts.js'
import type { PinFlags, TokenSnapshot } from '../../drivers/token.js'

const pin: PinFlags = {
  set: true,
  countLow: false,
  finalTry: false,
  locked: false,
  mustChange: false,
  onReader: false,
  minLength: 4,
  maxLength: 16,
}
const token: TokenSnapshot = {
  serial: '0a1b',
  label: 'one',
  manufacturer: 'm',
  model: 'm',
  firmware: '1.0',
  hardware: '1.0',
  slot: '0',
  pin,
  mechanisms: [],
  certificates: [],
}
const loads = (tokens: readonly TokenSnapshot[]): ModuleTrial => ({
  name: 'safenet',
  path: '/lib/m.so',
  exists: true,
  result: { snapshot: { library: { description: 'L', manufacturer: 'M', version: '1.0' }, tokens } },
})
const fails = (detail: string, exists = true): ModuleTrial => ({
  name: 'opensc',
  path: '/lib/o.so',
  exists,
  result: { error: { code: 'MODULE_NOT_LOADABLE', detail } },
})
const clusters: ClusterFacts = { file: '/s/clusters.toml', exists: false, faults: [], clusters: [] }
const healthy: MachineFacts = {
  user: 'anna',
  settings: undefined,
  configured: false,
  clusters,
  modules: [loads([token])],
  pcsc: { state: 'answers' },
  usb: [],
  hasAladdinDriver: false,
}
const find = (facts: Partial<MachineFacts>, code: Check['code']) =>
  examine({ ...healthy, ...facts }).find((check) => check.code === code)
const device = (vendorId: string, productId: string, accessible = true) => ({
  vendorId,
  productId,
  name: 'a token',
  accessible,
})

test('a healthy machine has nothing wrong', (t) => {
  t.true(examine(healthy).every((check) => check.verdict !== 'wrong'))
  t.regex(find({}, 'TOKEN_FOUND')?.found ?? '', /0a1b/)
})

test('without any library the vendor’s client and OpenSC are named', (t) => {
  t.regex(find({ modules: [] }, 'MODULES_NONE')?.remedy ?? '', /SafeNet Authentication Client.*opensc-pkcs11/)
})

test('a library that is not there is told with its package', (t) => {
  const check = find({ modules: [fails('x', false)] }, 'MODULE_MISSING')
  t.is(check?.verdict, 'wrong')
  t.regex(check?.remedy ?? '', /opensc-pkcs11/)
})

test('the loader’s words lead to what is missing', (t) => {
  const remedy = (detail: string) => find({ modules: [fails(detail)] }, 'MODULE_FAILS')?.remedy ?? ''
  t.regex(
    remedy('libpcsclite.so.1: cannot open shared object file: No such file'),
    /brings libpcsclite\.so\.1/,
  )
  t.regex(remedy('/lib/o.so: wrong ELF class: ELFCLASS32'), /processor/)
  t.regex(remedy('/lib/o.so: undefined symbol: EVP_x'), /remote = true/)
})

test('a failing library does not hide one that works', (t) => {
  const modules = [fails('x'), loads([token])]
  t.truthy(find({ modules }, 'MODULE_FAILS'))
  t.truthy(find({ modules }, 'TOKEN_FOUND'))
})

test('a locked PIN is wrong, a last try is a note', (t) => {
  const of = (flags: Partial<PinFlags>) =>
    find({ modules: [loads([{ ...token, pin: { ...pin, ...flags } }])] }, 'TOKEN_PIN')?.verdict
  t.is(of({ locked: true }), 'wrong')
  t.is(of({ finalTry: true }), 'note')
  t.is(of({}), undefined)
})

test('pcscd that refuses is wrong and leads to the polkit rule', (t) => {
  const check = find({ pcsc: { state: 'refuses', detail: 'EACCES' } }, 'PCSC_REFUSES')
  t.regex(check?.remedy ?? '', /polkit/)
})

test('pcscd that does not run is wrong where a USB token waits for it, and its package is named where it is missing', (t) => {
  const check = (facts: Partial<MachineFacts>, installed = true) =>
    find({ ...facts, pcsc: { state: 'not running', installed } }, 'PCSC_NOT_RUNNING')
  const usb = [device('0529', '0620')]
  t.is(check({})?.verdict, 'note')
  t.is(check({ usb })?.verdict, 'note', 'a library shows the token without pcscd')
  t.is(check({ usb, modules: [loads([])] })?.verdict, 'wrong')
  t.false(check({})?.remedy?.includes('apt-get'))
  t.regex(check({}, false)?.remedy ?? '', /apt-get install pcscd/)
})

test('an eToken Pro without the vendor’s driver is told so', (t) => {
  const usb = [device('0529', '0600')]
  t.is(find({ usb }, 'USB_NEEDS_DRIVER')?.verdict, 'wrong')
  t.is(find({ usb, hasAladdinDriver: true }, 'USB_NEEDS_DRIVER'), undefined)
})

test('a device file without permission matters only when no module shows a token', (t) => {
  const usb = [device('0529', '0620', false)]
  t.truthy(find({ usb, modules: [loads([])] }, 'USB_NO_PERMISSION'))
  t.is(find({ usb }, 'USB_NO_PERMISSION'), undefined)
})

test('a machine without a USB bus is no fault', (t) => {
  t.is(find({ usb: undefined }, 'USB_UNSEEN')?.verdict, 'note')
})
