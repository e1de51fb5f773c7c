/**
 * Runs in the virtual machine, as root beside the installed daemon: plugs and unplugs USB tokens and tells on the
 * second serial port what it saw.
 */
import { execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync, statSync, writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cardIn } from '../cards/cac-card.js'
import { opensslSays } from '../trust/openssl-says.js'
import { call, EventWatch, type Token, tokens } from './daemon-client.js'
import {
  output,
  polkitAllows,
  processesOf,
  property,
  read,
  SERVICE,
  until,
  usbNode,
  userOf,
} from './inside-machine.js'
import type { Sight } from './table.js'
import { FIRST, SECOND } from './two-tokens.js'
import { makeUsbToken, preparePort, type UsbToken } from './usb-port.js'

const { pin: PIN } = cardIn('', '')
const WRONG_PIN = '87654321'
const PROGRAM = fileURLToPath(new URL('./virtual-token', import.meta.url))
/** Debian's user without any rights. */
const NOBODY = 65_534

type Seen = Omit<Sight, 'at'>

const port = openSync('/dev/ttyS1', 'w')
const uptime = (): number => Number(read('/proc/uptime').split(' ')[0])
const tell = (seen: Seen): void => void writeSync(port, `${JSON.stringify({ ...seen, at: uptime() })}\n`)

/** Runs one step; what it throws is what was seen. */
async function see(step: string, look: () => Promise<Omit<Seen, 'step'>>): Promise<void> {
  try {
    tell({ step, ...(await look()) })
  } catch (error) {
    tell({ step, saw: error instanceof Error ? error.message : String(error), good: false })
  }
}

const since = (start: number, end = performance.now()): number => (end - start) / 1000

async function oneToken(serial?: string): Promise<Token> {
  const all = await tokens()
  const found = all.find((token) => serial === undefined || token.serial === serial)
  if (found === undefined) throw new Error(`no token ${serial ?? ''} among ${all.length}`)
  return found
}

const unlock = (serial: string, pin: string) =>
  call('POST', `/v1/tokens/${serial}/unlock`, { json: { pin, seconds: 120, uses: 5 } })

async function draftFor(token: Token): Promise<{ draft: Buffer; certificate: string }> {
  const certificate = token.certificates.find((each) => each.maySign)?.sha256
  if (certificate === undefined) throw new Error(`may not sign: ${token.certificates[0]?.whyNot}`)
  const signer = { token: token.serial, certificate }
  const records = [
    { from: 'token', ...signer },
    { from: 'stub', host: 'cucm', ipAddress: '10.48.47.153' },
  ]
  const { status, bytes, code } = await call('POST', '/v1/ctl/compose', { json: { signer, records } })
  if (status !== 200) throw new Error(`compose: ${code}`)
  return { draft: bytes, certificate }
}

const sign = (serial: string, draft: Buffer) => call('POST', `/v1/ctl/sign?token=${serial}`, { bytes: draft })

async function signAndVerify(serial: string): Promise<Omit<Seen, 'step'>> {
  const { draft, certificate } = await draftFor(await oneToken(serial))
  const start = performance.now()
  const signed = await sign(serial, draft)
  const seconds = since(start)
  if (signed.status !== 200) return { saw: `${signed.status} ${signed.code}`, good: false, seconds }
  const path = `/v1/tokens/${serial}/certificates/${certificate}`
  const { bytes: der } = await call('GET', path, { accept: 'application/pkix-cert' })
  const verdict = opensslSays(signed.bytes, der, 'sha1')
  const saw = `200, ${signed.bytes.length} bytes, openssl: ${verdict}`
  return { saw, good: verdict === 'Verified OK', seconds }
}

async function unlockWith(serial: string, pin: string, expected: string): Promise<Omit<Seen, 'step'>> {
  const start = performance.now()
  const { status, code } = await unlock(serial, pin)
  const seconds = since(start)
  const after = await oneToken(serial)
  const tries = after.pin.finalTry ? ', last try' : after.pin.countLow ? ', tries were spent' : ''
  return {
    saw: `${status} ${code || after.state}${tries}`,
    good: (code || after.state) === expected,
    seconds,
  }
}

async function plugged(token: UsbToken, events: EventWatch, serial?: string): Promise<Omit<Seen, 'step'>> {
  const start = performance.now()
  token.plug()
  const inserted = await events.next('token.inserted', start)
  const good = serial === undefined || inserted.serial === serial
  return { saw: `token.inserted ${inserted.serial}`, good, seconds: since(start, inserted.at) }
}

async function unplugged(token: UsbToken, events: EventWatch, serial: string): Promise<Omit<Seen, 'step'>> {
  const start = performance.now()
  token.unplug()
  const removed = await events.next('token.removed', start)
  return {
    saw: `token.removed ${removed.serial}`,
    good: removed.serial === serial,
    seconds: since(start, removed.at),
  }
}

async function unitSteps(): Promise<void> {
  await see('the socket starts the service', async () => {
    const before = property('ActiveState')
    const start = performance.now()
    const { status } = await call('GET', '/healthz')
    const after = `${property('ActiveState')} as ${userOf(property('MainPID'))}`
    const saw = `${before} → GET /healthz: ${status} → ${after}`
    return {
      saw,
      good: status === 200 && after === 'active as ctl-bridge',
      seconds: since(start),
    }
  })
  await see('the service is confined', async () => {
    const pid = property('MainPID')
    const status = read(`/proc/${pid}/status`)
    const field = (name: string): string => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1] ?? '?'
    const core = /^Max core file size\s+(\S+)/m.exec(read(`/proc/${pid}/limits`))?.[1]
    const saw = `seccomp ${field('Seccomp')}, capabilities ${field('CapEff')}, no new privileges ${field('NoNewPrivs')}, core ${core}`
    return { saw, good: /seccomp 2, capabilities 0+, no new privileges 1, core 0$/.test(saw) }
  })
}

async function deviceSteps(): Promise<void> {
  await see('udev gives the device to the group', async () => {
    const node = usbNode()
    if (node === undefined) throw new Error('no USB device 0529')
    const { mode, gid } = statSync(node)
    const group = output('getent', 'group', String(gid)).split(':')[0]
    const saw = `0529:0620 is ${node}, ${(mode & 0o777).toString(8)}, group ${group}`
    return { saw, good: group === 'ctl-bridge' && (mode & 0o777) === 0o660 }
  })
  await see('polkit lets the daemon at cards, nobody else', async () => {
    const stranger = spawn('sleep', ['600'], { stdio: 'ignore', uid: NOBODY, gid: NOBODY })
    const daemon = polkitAllows(property('MainPID'))
    const others = polkitAllows(String(stranger.pid))
    stranger.kill()
    const asks = output('ldd', '/usr/sbin/pcscd').includes('polkit') ? 'asks' : 'does not ask'
    const saw = `daemon ${daemon}, nobody ${others}; this pcscd ${asks} polkit`
    return { saw, good: daemon === 'allowed' && others === 'refused' }
  })
}

async function useToken(token: UsbToken, events: EventWatch): Promise<string> {
  await see('token plugged in', () => plugged(token, events, FIRST.serial))
  await deviceSteps()
  const { serial } = await oneToken()
  await see('list', async () => {
    const { state, label, certificates } = await oneToken()
    const may = certificates.filter((each) => each.maySign).length
    return { saw: `${label}: ${state}, ${certificates.length} certificates, ${may} may sign`, good: may > 0 }
  })
  await see('sign without unlocking', async () => {
    const { status, code } = await sign(serial, (await draftFor(await oneToken(serial))).draft)
    return { saw: `${status} ${code}`, good: code === 'TOKEN_LOCKED' }
  })
  await see('unlock with a wrong PIN', () => unlockWith(serial, WRONG_PIN, 'PIN_WRONG'))
  await see('unlock', () => unlockWith(serial, PIN, 'ready'))
  await see('sign', () => signAndVerify(serial))
  return serial
}

async function pullInMidSign(token: UsbToken, events: EventWatch, serial: string): Promise<void> {
  const before = (await oneToken(serial)).certificates.map(({ sha256 }) => sha256)
  await see('token pulled out in mid-sign', async () => {
    const { draft } = await draftFor(await oneToken(serial))
    const answer = sign(serial, draft)
    await until(async () => (await oneToken(serial)).state === 'signing', 'the token does not sign')
    const start = performance.now()
    token.unplug()
    const { status, code } = await answer
    const seconds = since(start)
    await events.next('token.removed', start)
    return { saw: `${status} ${code}, then token.removed`, good: status >= 400, seconds }
  })
  await see('what is pulled out stays known', async () => {
    const { state, certificates } = await oneToken(serial)
    const same = certificates.map(({ sha256 }) => sha256).join() === before.join()
    const path = `/v1/tokens/${serial}/certificates/${before[0]}`
    const { status } = await call('GET', path, { accept: 'application/pkix-cert' })
    const saw = `${state}, ${same ? 'the same' : 'other'} ${certificates.length} certificates, GET one: ${status}`
    return { saw, good: state === 'absent' && same && before.length > 0 && status === 200 }
  })
  await see('plugged in again: the same token', () => plugged(token, events, serial))
  await see('it is locked', async () => {
    const { state } = await oneToken(serial)
    return { saw: state, good: state === 'present' }
  })
  await see('unlock and sign again', async () => {
    const { code } = await unlock(serial, PIN)
    return code ? { saw: code, good: false } : signAndVerify(serial)
  })
}

async function restartSteps(events: EventWatch, serial: string): Promise<void> {
  await see('pcscd restarted', async () => {
    const start = performance.now()
    execFileSync('systemctl', ['restart', 'pcscd.service'])
    await until(async () => (await call('POST', `/v1/tokens/${serial}/lock`)).status === 200, 'lock')
    await until(async () => (await unlock(serial, PIN)).status === 200, 'unlock')
    const seconds = since(start)
    const signed = await signAndVerify(serial)
    return { ...signed, saw: `unlock, sign: ${signed.saw}`, seconds }
  })
  events.close()
  await see('the unit stopped', async () => {
    const start = performance.now()
    execFileSync('systemctl', ['stop', SERVICE])
    const left = processesOf('ctl-bridge')
    const saw = `${property('ActiveState')}, result ${property('Result')}, ${left} processes left`
    return { saw, good: saw === 'inactive, result success, 0 processes left', seconds: since(start) }
  })
  await see('a request starts it again, token and all', async () => {
    const start = performance.now()
    await until(
      async () => (await tokens()).some((each) => each.serial === serial && each.state === 'present'),
      'token',
    )
    return { saw: `present ${serial}`, good: true, seconds: since(start) }
  })
  await see('the daemon killed with a token unlocked', async () => {
    await unlock(serial, PIN)
    const pid = property('MainPID')
    const start = performance.now()
    process.kill(Number(pid), 'SIGKILL')
    await until(() => !['', '0', pid].includes(property('MainPID')), 'restart')
    await until(
      async () => (await tokens()).some((each) => each.serial === serial && each.state !== 'absent'),
      'token',
    )
    const { state } = await oneToken(serial)
    return { saw: `started again, token ${state}`, good: state === 'present', seconds: since(start) }
  })
}

async function otherToken(first: UsbToken, second: UsbToken, serial: string): Promise<void> {
  const events = new EventWatch()
  await events.open()
  await see('the first token pulled out', () => unplugged(first, events, serial))
  await see('the second in the same port', () => plugged(second, events, SECOND.serial))
  await see('both known, one present', async () => {
    const all = await tokens()
    const saw = all.map((each) => `${each.serial} ${each.state}`).join(', ')
    const states = all
      .map((each) => each.state)
      .sort()
      .join()
    return { saw, good: states === 'absent,present' }
  })
  await see('unlock and sign with the second', async () => {
    const present = (await tokens()).find((each) => each.state === 'present')
    if (present === undefined) throw new Error('no token is present')
    const { code } = await unlock(present.serial, PIN)
    return code ? { saw: code, good: false } : signAndVerify(present.serial)
  })
  events.close()
}

async function main(work: string): Promise<void> {
  preparePort()
  const first = await makeUsbToken(PROGRAM, 'first', cardIn(work, FIRST.label))
  const second = await makeUsbToken(PROGRAM, 'second', cardIn(work, SECOND.label))
  await unitSteps()
  await until(async () => (await call('GET', '/v1/status')).status === 200, 'the API')
  const events = new EventWatch()
  await events.open()
  const serial = await useToken(first, events)
  await pullInMidSign(first, events, serial)
  await restartSteps(events, serial)
  await otherToken(first, second, serial)
}

try {
  await main(read('/run/work'))
  tell({ step: 'end', saw: 'all of it was seen', good: true })
} catch (error) {
  tell({ step: 'the scenario broke off', saw: String(error), good: false })
} finally {
  closeSync(port)
  // The tokens are children that never end.
  process.exit(0)
}
