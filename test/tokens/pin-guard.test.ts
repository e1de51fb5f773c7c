import { inspect } from 'node:util'
import test from 'ava'
import { TokenError, type TokenErrorPlace } from '../../drivers/token.js'
import { withFullDisk } from '../flow/full-disk.js'
import {
  ANNA,
  BERT,
  lastOpened,
  lockReasons,
  oneToken,
  refused,
  refuseNextLogin,
  type Setting,
  sign,
  triesOf,
  unlock,
} from './one-token.js'
import { PIN } from './token-doubles.js'

const interrupted = new TokenError('DEADLINE_EXCEEDED', 'The host was killed.', { reached: 'maybe' })

async function withReader(setting: Setting): Promise<void> {
  const [token] = setting.module.tokens
  if (token === undefined) throw new Error('The setting has a token.')
  setting.module.tokens = [{ ...token, pin: { ...token.pin, onReader: true } }]
  await setting.tokens.rescan()
}

test('A PIN that was wrong does not reach the token again, whoever sends it', async (t) => {
  const setting = await oneToken(t)
  refuseNextLogin(setting)
  await refused(t, unlock(setting), 'PIN_WRONG')
  for (const caller of [ANNA, BERT]) await refused(t, unlock(setting, caller), 'PIN_KNOWN_WRONG')
  t.is(triesOf(setting), 1)
  t.is(setting.module.opened.length, 1, 'no host was started')
  t.is(setting.tokens.get('T1').wrongTries, 1)
  t.is(setting.audit.phases().at(-1), 'token.unlock outcome PIN_KNOWN_WRONG')
})

test('After a wrong PIN the right one works, and the wrong one stays known', async (t) => {
  const setting = await oneToken(t)
  refuseNextLogin(setting)
  await refused(t, unlock(setting, ANNA, { pin: 'mistyped' }), 'PIN_WRONG')
  t.is((await unlock(setting)).wrongTries, 1)
  await refused(t, unlock(setting, ANNA, { pin: 'mistyped' }), 'PIN_KNOWN_WRONG')
})

test('A PIN refused here does not take the lease of its holder', async (t) => {
  const setting = await oneToken(t)
  refuseNextLogin(setting)
  await refused(t, unlock(setting, ANNA, { pin: 'mistyped' }), 'PIN_WRONG')
  await unlock(setting)
  await refused(t, unlock(setting, ANNA, { pin: 'mistyped' }), 'PIN_KNOWN_WRONG')
  t.is(setting.tokens.get('T1').state, 'ready')
})

test('Whoever insists spends a try; a success clears the PIN', async (t) => {
  const setting = await oneToken(t)
  refuseNextLogin(setting)
  await refused(t, unlock(setting), 'PIN_WRONG')
  refuseNextLogin(setting)
  await refused(t, unlock(setting, ANNA, { repeatPin: true }), 'PIN_WRONG')
  await refused(t, unlock(setting), 'PIN_KNOWN_WRONG')
  await unlock(setting, ANNA, { repeatPin: true })
  await unlock(setting)
  t.is(triesOf(setting), 4)
  t.is(setting.tokens.get('T1').wrongTries, 2)
  t.like(setting.audit.entries.at(-3), { facts: { repeatPin: true } })
})

test('An interrupted login counts as a try and blocks its PIN until somebody insists', async (t) => {
  const setting = await oneToken(t)
  refuseNextLogin(setting, interrupted)
  await refused(t, unlock(setting), 'DEADLINE_EXCEEDED')
  t.is(setting.tokens.get('T1').wrongTries, 1)
  await refused(t, unlock(setting), 'PIN_UNKNOWN_OUTCOME')
  t.is(triesOf(setting), 1)
  await unlock(setting, ANNA, { repeatPin: true })
  await unlock(setting)
})

const HARMLESS: [string, TokenErrorPlace['reached']][] = [
  ['PIN_LENGTH', 'no'],
  ['PIN_FINAL_TRY', 'no'],
  ['PIN_LOCKED', 'no'],
  ['PIN_LOCKED', 'yes'],
  ['PIN_EXPIRED', 'yes'],
  ['MODULE_HOST_DIED', 'no'],
]

for (const [code, reached] of HARMLESS) {
  test(`${code} (reached: ${reached}) is held against no PIN and counts as no try`, async (t) => {
    const setting = await oneToken(t)
    const why = new TokenError(code as TokenError['code'], 'No.', reached === undefined ? {} : { reached })
    refuseNextLogin(setting, why)
    await refused(t, unlock(setting), code)
    t.is(setting.tokens.get('T1').wrongTries, 0)
    await unlock(setting)
  })
}

test('A removal during the login leaves its outcome unknown', async (t) => {
  const setting = await oneToken(t)
  refuseNextLogin(setting, new TokenError('TOKEN_REMOVED', 'Gone.', {}))
  await refused(t, unlock(setting), 'TOKEN_REMOVED')
  await refused(t, unlock(setting), 'PIN_UNKNOWN_OUTCOME')
})

test('A host that cannot be started makes no attempt', async (t) => {
  const setting = await oneToken(t)
  const open = setting.module.onOpen
  setting.module.onOpen = async () => {
    throw new TokenError('MODULE_NOT_LOADABLE', 'No.', {})
  }
  await refused(t, unlock(setting), 'MODULE_NOT_LOADABLE')
  setting.module.onOpen = open
  await unlock(setting)
})

test.serial('No PIN goes to a token when the attempt cannot be written', async (t) => {
  const setting = await oneToken(t)
  const limited = withFullDisk(process.pid, () => refused(t, unlock(setting), 'STORE_UNUSABLE'))
  await limited
  t.is(triesOf(setting), 0)
  t.true(setting.module.opened[0]?.loggedOut)
  await unlock(setting)
})

test('A login whose outcome cannot be written is undone, and taken for interrupted', async (t) => {
  const setting = await oneToken(t)
  const { attempts } = setting.store
  const { settle } = attempts
  attempts.settle = () => Promise.reject(new Error('full'))
  await t.throwsAsync(unlock(setting), { message: 'full' })
  t.true(setting.module.opened[0]?.loggedOut)
  t.like(setting.tokens.get('T1'), { lease: null, wrongTries: 1 })
  t.is((await attempts.wrongTries()).get('T1'), 1, 'as after a restart')
  attempts.settle = settle
  await refused(t, unlock(setting), 'PIN_UNKNOWN_OUTCOME')
})

test('A wrong PIN is told as such although its outcome cannot be written', async (t) => {
  const setting = await oneToken(t)
  setting.store.attempts.settle = () => Promise.reject(new Error('full'))
  refuseNextLogin(setting)
  await refused(t, unlock(setting), 'PIN_WRONG')
  await refused(t, unlock(setting), 'PIN_UNKNOWN_OUTCOME')
})

test('A PIN typed on the reader is sent empty, counted and never held', async (t) => {
  const setting = await oneToken(t)
  await withReader(setting)
  refuseNextLogin(setting)
  await refused(t, unlock(setting, ANNA, { pin: '' }), 'PIN_WRONG')
  await unlock(setting, ANNA, { pin: '' })
  t.deepEqual(
    setting.module.opened.map(({ logins }) => logins),
    [[''], ['']],
  )
  t.is(setting.tokens.get('T1').wrongTries, 1)
})

test('A library that refuses to let the reader ask shows as such, until it does; a PIN that is given goes', async (t) => {
  const setting = await oneToken(t)
  await withReader(setting)
  t.false(setting.tokens.get('T1').readerRefuses)
  refuseNextLogin(setting, new TokenError('PIN_REFUSED', 'CKR_ARGUMENTS_BAD', { reached: 'yes' }))
  await refused(t, unlock(setting, ANNA, { pin: '' }), 'PIN_REFUSED')
  t.true(setting.tokens.get('T1').readerRefuses)
  t.is(setting.tokens.get('T1').wrongTries, 0)
  await unlock(setting)
  t.deepEqual(setting.module.opened[1]?.logins, [PIN])
  t.true(setting.tokens.get('T1').readerRefuses)
  await unlock(setting, ANNA, { pin: '' })
  t.false(setting.tokens.get('T1').readerRefuses)
})

test('A PIN refused before a signature is a try, is held, and ends the lease', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting)
  lastOpened(setting).onSign = () =>
    Promise.reject(new TokenError('PIN_WRONG', 'The token refused the PIN.', { reached: 'yes' }))
  await refused(t, sign(setting), 'PIN_WRONG')
  t.like(setting.tokens.get('T1'), { state: 'present', lease: null, wrongTries: 1 })
  t.deepEqual(lockReasons(setting), ['pin-refused'])
  await refused(t, unlock(setting), 'PIN_KNOWN_WRONG')
  t.is(triesOf(setting), 1)
})

test('A last try that was not spent before a signature is none, and ends the lease', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting)
  lastOpened(setting).onSign = () =>
    Promise.reject(new TokenError('PIN_FINAL_TRY', 'One try is left.', { reached: 'no' }))
  await refused(t, sign(setting), 'PIN_FINAL_TRY')
  t.like(setting.tokens.get('T1'), { lease: null, wrongTries: 0 })
  await unlock(setting)
})

test('The PIN of a client that left while its host started is not sent, and is not held', async (t) => {
  const setting = await oneToken(t)
  let left = false
  const open = setting.module.onOpen
  setting.module.onOpen = async (serial) => {
    left = true
    return await open(serial)
  }
  const leaving = { ...ANNA, hasLeft: () => left }
  await refused(t, unlock(setting, leaving), 'CLIENT_LEFT')
  t.is(triesOf(setting), 0)
  t.true(setting.module.opened[0]?.loggedOut)
  t.is(setting.audit.phases().at(-1), 'token.unlock outcome CLIENT_LEFT')
  t.is(setting.tokens.get('T1').wrongTries, 0)
  await unlock(setting)
})

test('Neither the PIN nor its fingerprint is in what the guard gives out', async (t) => {
  const setting = await oneToken(t)
  const errors: unknown[] = []
  for (const why of [undefined, interrupted]) {
    refuseNextLogin(setting, why)
    await unlock(setting, ANNA, { repeatPin: true }).catch((error: unknown) => errors.push(error))
    await unlock(setting).catch((error: unknown) => errors.push(error))
  }
  t.is(errors.length, 4)
  const given = inspect([errors, setting.tokens.list(), setting.audit.entries, setting.events], {
    depth: Number.POSITIVE_INFINITY,
  })
  t.false(given.includes(PIN))
  t.false(/fingerprint/i.test(given))
})
