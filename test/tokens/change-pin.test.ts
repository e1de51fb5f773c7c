import test from 'ava'
import { TokenError } from '../../drivers/token.js'
import {
  ANNA,
  BERT,
  lastOpened,
  lockReasons,
  oneToken,
  refused,
  refuseNextLogin,
  type Setting,
  triesOf,
  unlock,
} from './one-token.js'
import { PIN } from './token-doubles.js'

const NEW = 'the next PIN'

const change = (
  { tokens }: Setting,
  caller = ANNA,
  changes: { pin?: string; newPin?: string; repeatPin?: boolean } = {},
) => tokens.changePin(caller, 'T1', { pin: PIN, newPin: NEW, ...changes })

test('A change sends both PINs once and leaves an intent and an outcome', async (t) => {
  const setting = await oneToken(t)
  t.is((await change(setting)).state, 'present')
  t.deepEqual(lastOpened(setting).changes, [[PIN, NEW]])
  t.true(lastOpened(setting).loggedOut)
  t.deepEqual(setting.audit.phases(), ['token.pin intent', 'token.pin outcome ok'])
  t.like(setting.audit.entries[0], { facts: { token: 'T1', repeatPin: false } })
})

test('A change makes PINs possible again that failed before it', async (t) => {
  const setting = await oneToken(t)
  for (const pin of ['one', 'two']) {
    refuseNextLogin(setting)
    await refused(t, unlock(setting, ANNA, { pin }), 'PIN_WRONG')
  }
  await change(setting)
  await unlock(setting, ANNA, { pin: 'one' })
  await unlock(setting, ANNA, { pin: 'two' })
  t.is(setting.tokens.get('T1').wrongTries, 2, 'what was spent is spent')
})

test('A wrong old PIN is a try, held like any other', async (t) => {
  const setting = await oneToken(t)
  refuseNextLogin(setting)
  await refused(t, change(setting, ANNA, { pin: 'mistyped' }), 'PIN_WRONG')
  await refused(t, change(setting, ANNA, { pin: 'mistyped' }), 'PIN_KNOWN_WRONG')
  await refused(t, unlock(setting, ANNA, { pin: 'mistyped' }), 'PIN_KNOWN_WRONG')
  t.is(triesOf(setting), 1)
  await change(setting, ANNA, { pin: 'mistyped', repeatPin: true })
})

test('A change that was interrupted blocks the old PIN and leaves the new one to be tried', async (t) => {
  const setting = await oneToken(t)
  refuseNextLogin(setting, new TokenError('MODULE_HOST_DIED', 'Killed.', { reached: 'maybe' }))
  await refused(t, change(setting), 'MODULE_HOST_DIED')
  await refused(t, unlock(setting), 'PIN_UNKNOWN_OUTCOME')
  await unlock(setting, ANNA, { pin: NEW })
})

test('A change ends the caller’s lease and is refused while somebody else has one', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting)
  await refused(t, change(setting, BERT), 'TOKEN_IN_USE')
  await change(setting)
  t.deepEqual(lockReasons(setting), ['pin-change'])
})

test('A change that could not be recorded says that it was made', async (t) => {
  const setting = await oneToken(t)
  setting.audit.refuses = ({ phase }) => phase === 'outcome'
  const error = await refused(t, change(setting), 'AUDIT_NOT_WRITABLE')
  t.regex(error.message, /was changed/)
})

test('Without an audit log no PIN is changed', async (t) => {
  const setting = await oneToken(t)
  setting.audit.refuses = () => true
  await t.throwsAsync(change(setting), { message: 'AUDIT_NOT_WRITABLE' })
  t.deepEqual(setting.module.opened, [])
})

test('One PIN given and the other left to the reader is refused before anything is sent', async (t) => {
  const setting = await oneToken(t)
  for (const changes of [{ pin: '' }, { newPin: '' }]) {
    await refused(t, change(setting, ANNA, changes), 'PIN_LENGTH')
  }
  t.is(triesOf(setting), 0)
  t.deepEqual(setting.audit.entries, [])
})
