import { inspect } from 'node:util'
import test from 'ava'
import { ANNA, BERT, oneToken, refused, refuseNextLogin, sign, unlock } from './one-token.js'
import { PIN } from './token-doubles.js'

test('Every try with a PIN is in the audit log before it is made', async (t) => {
  const setting = await oneToken(t)
  let before: string[] = []
  const open = setting.module.onOpen
  setting.module.onOpen = async (serial) => {
    before = setting.audit.phases()
    return await open(serial)
  }
  await unlock(setting)
  t.deepEqual(before, ['token.unlock intent'])
  t.deepEqual(setting.audit.phases(), ['token.unlock intent', 'token.unlock outcome ok'])
  t.like(setting.audit.entries[0], {
    principal: { keyId: 'key-Anna', name: 'Anna' },
    requestId: 'request-of-Anna',
    facts: { token: 'T1', seconds: 300, uses: 10, finalTry: false },
  })
  await setting.tokens.lock(ANNA, 'T1')
  t.deepEqual(setting.audit.phases().slice(2), ['token.lock intent', 'token.lock outcome ok'])
})

test('A PIN that was refused is in the audit log with its code', async (t) => {
  const setting = await oneToken(t)
  refuseNextLogin(setting)
  await refused(t, unlock(setting), 'PIN_WRONG')
  t.deepEqual(setting.audit.phases(), ['token.unlock intent', 'token.unlock outcome PIN_WRONG'])
  t.true(setting.module.opened[0]?.loggedOut, 'the host does not stay')
})

test('Without an audit log no PIN goes to a token', async (t) => {
  const setting = await oneToken(t)
  setting.audit.refuses = () => true
  await t.throwsAsync(unlock(setting), { message: 'AUDIT_NOT_WRITABLE' })
  t.deepEqual(setting.module.opened, [])
  setting.audit.refuses = () => false
  await unlock(setting)
})

test('A token whose unlock cannot be recorded is locked again', async (t) => {
  const setting = await oneToken(t)
  setting.audit.refuses = ({ phase }) => phase === 'outcome'
  await t.throwsAsync(unlock(setting), { message: 'AUDIT_NOT_WRITABLE' })
  t.true(setting.module.opened[0]?.loggedOut)
  t.is(setting.tokens.get('T1').lease, null)
})

test('A refused PIN is told as such although its outcome cannot be recorded', async (t) => {
  const setting = await oneToken(t)
  setting.audit.refuses = ({ phase }) => phase === 'outcome'
  refuseNextLogin(setting)
  await refused(t, unlock(setting), 'PIN_WRONG')
})

test('Locking works even when the audit log does not', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting)
  setting.audit.refuses = () => true
  await t.throwsAsync(setting.tokens.lock(ANNA, 'T1'), { message: 'AUDIT_NOT_WRITABLE' })
  t.is(setting.tokens.get('T1').lease, null)
})

test('The PIN is in nothing that the layer gives out', async (t) => {
  const setting = await oneToken(t)
  const errors: unknown[] = []
  const collect = (error: unknown) => errors.push(error)
  await unlock(setting)
  await unlock(setting, BERT).catch(collect)
  await sign(setting)
  await setting.tokens.lock(ANNA, 'T1')
  refuseNextLogin(setting)
  await unlock(setting).catch(collect)
  setting.audit.refuses = () => true
  await unlock(setting).catch(collect)
  t.is(errors.length, 3)
  const given = [
    setting.events,
    errors,
    setting.audit.entries,
    setting.tokens.list(),
    setting.tokens.modules(),
  ]
  t.false(
    inspect(given, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxArrayLength: null }).includes(PIN),
  )
})
