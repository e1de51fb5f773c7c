import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import test, { type ExecutionContext } from 'ava'
import { openModule } from '../../drivers/pkcs11/pkcs11-client.js'
import { type ModulePort, TokenError, type TokenErrorCode, type TokenPort } from '../../drivers/token.js'
import { makeSastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { FaultyModule } from './faulty-module.js'
import {
  eventually,
  HANG_LIMIT,
  hostAppears,
  hostsOf,
  settingsOf,
  temporarySofthsm,
} from './temporary-softhsm.js'

const MESSAGE = Buffer.from('a message')
const WITHIN = { deadline: HANG_LIMIT }
/** Milliseconds: short, because the test waits for it to pass. */
const SHORT = 400
const CAUTIOUS = { finalTry: false }

async function refusal(t: ExecutionContext, work: Promise<unknown>): Promise<TokenError> {
  return await t.throwsAsync(work, { instanceOf: TokenError })
}

async function unlock(module: ModulePort, serial: string): Promise<TokenPort> {
  const token = await module.open(serial)
  await token.login(TEST_PIN, CAUTIOUS)
  return token
}

test.serial('A sign host that stands still is killed at the deadline; nobody else notices', async (t) => {
  const folder = await temporarySofthsm(t)
  const one = await makeSastToken({ folder, label: 'one', bits: 1024 })
  const two = await makeSastToken({ folder, label: 'two', bits: 1024 })
  const module = openModule(settingsOf(folder))
  t.teardown(() => module.close())
  const stopped = await unlock(module, one.serial)
  const host = await hostAppears(folder, 'sign')
  const undisturbed = await unlock(module, two.serial)
  const gone: TokenErrorCode[] = []
  stopped.onGone(({ code }) => gone.push(code))
  process.kill(host, 'SIGSTOP')

  const sent = refusal(t, stopped.sign(one.keyId, 'rsa-sha1', MESSAGE, { deadline: SHORT }))
  const queued = refusal(t, stopped.sign(one.keyId, 'rsa-sha1', MESSAGE, WITHIN))

  t.like(await sent, { code: 'DEADLINE_EXCEEDED', place: { reached: 'maybe', token: one.serial } })
  t.like(await queued, { code: 'MODULE_HOST_DIED', place: { reached: 'no', token: one.serial } })
  t.deepEqual(gone, ['DEADLINE_EXCEEDED'])
  await eventually(async () => ((await hostsOf(folder)).includes(host) ? undefined : true))
  t.is((await undisturbed.sign(two.keyId, 'rsa-sha1', MESSAGE, WITHIN)).length, 128)
  const again = await unlock(module, one.serial)
  t.is((await again.sign(one.keyId, 'rsa-sha1', MESSAGE, WITHIN)).length, 128)
})

test.serial(
  'A watch host that stands still is killed at the deadline, and the next scan works',
  async (t) => {
    const folder = await temporarySofthsm(t)
    await makeSastToken({ folder, label: 'one', bits: 1024 })
    const module = openModule(settingsOf(folder, { deadline: SHORT }))
    t.teardown(() => module.close())

    const scan = refusal(t, module.scan())
    const host = await hostAppears(folder, 'watch')
    process.kill(host, 'SIGSTOP')

    t.like(await scan, { code: 'DEADLINE_EXCEEDED', place: { reached: 'maybe', module: 'softhsm' } })
    t.false((await hostsOf(folder)).includes(host))
    const patient = openModule(settingsOf(folder))
    t.teardown(() => patient.close())
    t.is((await patient.scan()).tokens.length, 1)
  },
)

test.serial('A library that hangs in a scan is killed at the deadline', async (t) => {
  const folder = await temporarySofthsm(t)
  const faulty = await FaultyModule.inFrontOfSofthsm(folder)
  await faulty.begin('hang:C_GetSlotList')
  const module = openModule(faulty.settings({ deadline: SHORT }))
  t.teardown(() => module.close())
  t.is((await refusal(t, module.scan())).code, 'DEADLINE_EXCEEDED')
  t.deepEqual(await hostsOf(folder), [])
})

test.serial('A login that hangs is killed after one try, which may have counted', async (t) => {
  const folder = await temporarySofthsm(t)
  const faulty = await FaultyModule.inFrontOfSofthsm(folder)
  const { serial } = await makeSastToken({ folder, label: 'slow', bits: 1024 })
  const module = openModule(faulty.settings({ deadline: 4_000 }))
  t.teardown(() => module.close())
  const token = await module.open(serial)
  await faulty.begin('hang:C_Login')

  const error = await refusal(t, token.login(TEST_PIN, CAUTIOUS))

  t.like(error, { code: 'DEADLINE_EXCEEDED', place: { reached: 'maybe', token: serial } })
  t.is((await faulty.calls('C_Login')).length, 1)
  await faulty.end('hang:C_Login')
  t.is((await unlock(module, serial)).serial, serial)
})

test.serial('The token gets the messages in the order of the calls', async (t) => {
  const folder = await temporarySofthsm(t)
  const faulty = await FaultyModule.inFrontOfSofthsm(folder)
  const { serial, keyId } = await makeSastToken({ folder, label: 'queue', bits: 1024 })
  const module = openModule(faulty.settings())
  t.teardown(() => module.close())
  const token = await unlock(module, serial)
  const messages = Array.from({ length: 20 }, (_, index) => Buffer.from(`message ${index}`))

  const signatures = await Promise.all(
    messages.map((message) => token.sign(keyId, 'rsa-sha1', message, WITHIN)),
  )

  const digests = messages.map((message) => createHash('sha1').update(message).digest('hex'))
  const received = (await faulty.calls('C_Sign')).map((line) => line.slice(-40))
  t.deepEqual(received, digests)
  t.is(new Set(signatures.map((signature) => Buffer.from(signature).toString('hex'))).size, 20)
})

test.serial('A host that dies of itself tells who waits and who listens', async (t) => {
  const folder = await temporarySofthsm(t)
  const faulty = await FaultyModule.inFrontOfSofthsm(folder)
  const { serial, keyId } = await makeSastToken({ folder, label: 'crash', bits: 1024 })
  const module = openModule(faulty.settings())
  t.teardown(() => module.close())
  const token = await unlock(module, serial)
  const gone: string[] = []
  token.onGone(({ message }) => gone.push(message))
  await faulty.begin('hang:C_Sign')
  const sent = refusal(t, token.sign(keyId, 'rsa-sha1', MESSAGE, WITHIN))
  await eventually(async () => (await faulty.calls('C_Sign'))[0])

  process.kill(await hostAppears(folder, 'sign'), 'SIGSEGV')

  t.like(await sent, { code: 'MODULE_HOST_DIED', place: { reached: 'maybe' } })
  t.is(gone.length, 1)
  t.regex(gone[0] ?? '', /SIGSEGV/)
  t.is((await refusal(t, token.keys())).code, 'MODULE_HOST_DIED')
})

test.serial('Ctrl-C in the terminal does not reach an unlocked token', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial, keyId } = await makeSastToken({ folder, label: 'terminal', bits: 1024 })
  const module = openModule(settingsOf(folder))
  t.teardown(() => module.close())
  const token = await unlock(module, serial)
  const host = await hostAppears(folder, 'sign')
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(host, signal)
  t.is((await token.sign(keyId, 'rsa-sha1', MESSAGE, WITHIN)).length, 128)
})

test.serial('A host leaves no memory in a core dump and no PIN where others can look', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({ folder, label: 'core', bits: 1024 })
  const module = openModule(settingsOf(folder))
  t.teardown(() => module.close())
  await unlock(module, serial)
  const host = await hostAppears(folder, 'sign')
  t.is(Number(`0x${await readFile(`/proc/${host}/coredump_filter`, 'utf8')}`), 0)
  const open = ['cmdline', 'environ'].map((name) => readFile(`/proc/${host}/${name}`, 'utf8'))
  for (const text of await Promise.all(open)) t.false(text.includes(TEST_PIN))
})

test.serial('Hosts end when the daemon is killed', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({ folder, label: 'orphan', bits: 1024 })
  const client = new URL('../../drivers/pkcs11/pkcs11-client.js', import.meta.url)
  const script = `
    import { openModule } from ${JSON.stringify(client.href)}
    const token = await openModule(${JSON.stringify(settingsOf(folder))}).open(${JSON.stringify(serial)})
    process.stdout.write(token.serial)`
  const daemon = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(daemon.stdout, 'data')
  t.is((await hostsOf(folder, 'sign')).length, 1)
  daemon.kill('SIGKILL')
  await eventually(async () => ((await hostsOf(folder)).length === 0 ? true : undefined))
  t.pass()
})
