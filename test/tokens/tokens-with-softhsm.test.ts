import test, { type ExecutionContext } from 'ava'
import type { TokenEvent } from '../../daemon/tokens/token-event.js'
import { Tokens } from '../../daemon/tokens/tokens.js'
import { openModule } from '../../drivers/pkcs11/pkcs11-client.js'
import { type ModuleSettings, TokenError } from '../../drivers/token.js'
import { makeSastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { plug, unplug } from '../../softhsm/tokens-folder.js'
import { FaultyModule } from '../drivers/faulty-module.js'
import {
  eventually,
  hostAppears,
  hostsOf,
  settingsOf,
  temporarySofthsm,
} from '../drivers/temporary-softhsm.js'
import { temporaryStore } from '../store/temporary-store.js'
import { AuditDouble, callerNamed, readCertificate } from './token-doubles.js'

const ANNA = callerNamed('Anna')
const MESSAGE = Buffer.from('a message')
/** Milliseconds a signature may take here; the test waits for it to pass. */
const SIGN_DEADLINE = 3_000
/** Milliseconds a host may take to start or to log in; one test waits for it to pass. */
const LOGIN_DEADLINE = 8_000

interface Setting {
  readonly tokens: Tokens
  readonly events: TokenEvent[]
}

async function started(t: ExecutionContext, settings: ModuleSettings): Promise<Setting> {
  const events: TokenEvent[] = []
  const { memory, guard } = await temporaryStore(t)
  const tokens = new Tokens({
    modules: [openModule(settings)],
    readCertificate,
    audit: new AuditDouble(),
    memory,
    guard,
    onEvent: (event) => events.push(event),
    signDeadline: SIGN_DEADLINE,
  })
  t.teardown(() => tokens.close())
  await tokens.start()
  return { tokens, events }
}

function signWith({ tokens }: Setting, serial: string) {
  const sha256 = tokens.get(serial).certificates[0]?.sha256 ?? ''
  return tokens.sign(ANNA, serial, sha256, 'rsa-sha1', MESSAGE)
}

function codeOf(error: Error | undefined): string {
  return error instanceof TokenError ? error.code : String(error)
}

function happened({ events }: Setting, type: TokenEvent['type']): Promise<TokenEvent> {
  return eventually(() => events.find((event) => event.type === type))
}

test.serial('A SAST token is listed, unlocked, signs and is locked', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({
    folder,
    label: 'eToken one',
    bits: 1024,
    commonName: 'SAST-ADN008580ef',
  })
  const setting = await started(t, settingsOf(folder))
  const { tokens } = setting
  t.like(tokens.get(serial), { state: 'present', label: 'eToken one', module: 'softhsm', lease: null })
  t.like(tokens.get(serial).certificates[0], { maySign: true, key: { type: 'rsa', bits: 1024 } })
  await tokens.unlock(ANNA, serial, { pin: TEST_PIN, uses: 2 })
  t.is((await signWith(setting, serial)).signature.length, 128)
  t.is((await tokens.lock(ANNA, serial)).state, 'present')
  t.is(codeOf(await t.throwsAsync(signWith(setting, serial))), 'TOKEN_LOCKED')
  t.deepEqual(await hostsOf(folder, 'sign'), [])
})

test.serial('A wrong PIN spends one try, and the view shows that it did', async (t) => {
  const folder = await temporarySofthsm(t)
  const faulty = await FaultyModule.inFrontOfSofthsm(folder)
  const { serial } = await makeSastToken({ folder, label: 'eToken one', bits: 1024 })
  const { tokens } = await started(t, faulty.settings())
  const unlock = tokens.unlock(ANNA, serial, { pin: 'wrong PIN' })
  t.is(codeOf(await t.throwsAsync(unlock)), 'PIN_WRONG')
  t.is((await faulty.calls('C_Login')).length, 1)
  await tokens.rescan()
  t.true(tokens.get(serial).pin.countLow)
  t.deepEqual(await hostsOf(folder, 'sign'), [])
})

test.serial('A token whose PIN is locked is shown so and not asked', async (t) => {
  const folder = await temporarySofthsm(t)
  const faulty = await FaultyModule.inFrontOfSofthsm(folder)
  const { serial } = await makeSastToken({ folder, label: 'eToken one', bits: 1024 })
  await faulty.begin('show-flags:40000')
  const { tokens } = await started(t, faulty.settings())
  t.is(tokens.get(serial).state, 'locked-out')
  t.is(codeOf(await t.throwsAsync(tokens.unlock(ANNA, serial, { pin: TEST_PIN }))), 'PIN_LOCKED')
  t.deepEqual(await faulty.calls('C_Login'), [])
})

test.serial('An unlocked token pulled out is locked and gone without anybody asking', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({ folder, label: 'eToken one', bits: 1024 })
  const setting = await started(t, settingsOf(folder))
  await setting.tokens.unlock(ANNA, serial, { pin: TEST_PIN })
  await unplug(folder, serial)
  await happened(setting, 'token.removed')
  t.like(await happened(setting, 'token.locked'), { data: { serial, why: 'token-removed' } })
  t.is(setting.tokens.get(serial).state, 'absent')
  t.is(codeOf(await t.throwsAsync(signWith(setting, serial))), 'TOKEN_REMOVED')
  setting.events.length = 0
  await plug(folder, serial)
  await happened(setting, 'token.inserted')
  await setting.tokens.unlock(ANNA, serial, { pin: TEST_PIN })
  t.is((await signWith(setting, serial)).signature.length, 128)
})

test.serial('A removal that nobody hinted at is noticed by the signature', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({ folder, label: 'eToken one', bits: 1024 })
  const setting = await started(t, settingsOf(folder, { watchFolders: [] }))
  await setting.tokens.unlock(ANNA, serial, { pin: TEST_PIN })
  await unplug(folder, serial)
  t.is(codeOf(await t.throwsAsync(signWith(setting, serial))), 'TOKEN_REMOVED')
  t.like(await happened(setting, 'token.locked'), { data: { serial, why: 'token-removed' } })
  await happened(setting, 'token.removed')
  t.is(setting.tokens.get(serial).state, 'absent')
})

test.serial(
  'A sign host that stands still costs its lease; the next unlock and signature work',
  async (t) => {
    const folder = await temporarySofthsm(t)
    const one = await makeSastToken({ folder, label: 'eToken one', bits: 1024 })
    const two = await makeSastToken({ folder, label: 'eToken two' })
    const setting = await started(t, settingsOf(folder))
    await setting.tokens.unlock(ANNA, one.serial, { pin: TEST_PIN })
    const host = await hostAppears(folder, 'sign')
    await setting.tokens.unlock(ANNA, two.serial, { pin: TEST_PIN })
    process.kill(host, 'SIGSTOP')

    const error = await t.throwsAsync(signWith(setting, one.serial), { instanceOf: TokenError })

    t.like(error, { code: 'DEADLINE_EXCEEDED', place: { reached: 'maybe', token: one.serial } })
    t.like(await happened(setting, 'token.locked'), { data: { serial: one.serial, why: 'host-ended' } })
    t.is((await signWith(setting, two.serial)).signature.length, 256, 'the other token is undisturbed')
    await setting.tokens.unlock(ANNA, one.serial, { pin: TEST_PIN })
    t.is((await signWith(setting, one.serial)).signature.length, 128)
  },
)

test.serial('No process is left after closing, whatever was unlocked', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({ folder, label: 'eToken one', bits: 1024 })
  const { tokens } = await started(t, settingsOf(folder))
  await tokens.unlock(ANNA, serial, { pin: TEST_PIN })
  void tokens.rescan()
  t.true((await hostsOf(folder)).length >= 1)
  await tokens.close()
  t.deepEqual(await hostsOf(folder), [])
})

test.serial('A host that is stopped in mid-login is killed, and its PIN is held back', async (t) => {
  const folder = await temporarySofthsm(t)
  const faulty = await FaultyModule.inFrontOfSofthsm(folder)
  const { serial } = await makeSastToken({ folder, label: 'eToken one', bits: 1024 })
  const { tokens } = await started(t, faulty.settings({ deadline: LOGIN_DEADLINE }))
  await faulty.begin('hang:C_Login')
  const cut = t.throwsAsync(tokens.unlock(ANNA, serial, { pin: TEST_PIN }), { instanceOf: TokenError })
  await eventually(async () => ((await faulty.calls('C_Login')).length > 0 ? true : undefined))
  process.kill(await hostAppears(folder, 'sign'), 'SIGSTOP')
  t.like(await cut, { code: 'DEADLINE_EXCEEDED', place: { reached: 'maybe' } })
  await faulty.end('hang:C_Login')
  t.deepEqual(await hostsOf(folder, 'sign'), [])
  t.is(tokens.get(serial).wrongTries, 1)
  await t.throwsAsync(tokens.unlock(ANNA, serial, { pin: TEST_PIN }), { code: 'PIN_UNKNOWN_OUTCOME' })
  t.is((await faulty.calls('C_Login')).length, 1)
  await tokens.unlock(ANNA, serial, { pin: TEST_PIN, repeatPin: true })
})
