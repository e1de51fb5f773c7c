import { sign as cryptoSign, verify } from 'node:crypto'
import test from 'ava'
import { TokenError } from '../../drivers/token.js'
import {
  ANNA,
  BERT,
  lastOpened,
  lockReasons,
  MESSAGE,
  OPERATOR,
  oneToken,
  refused,
  refuseNextLogin,
  SECOND,
  sign,
  unlock,
} from './one-token.js'
import { gate, newIdentity, PIN, readCertificate } from './token-doubles.js'

test('Whoever unlocks a token may sign with it, and the signature fits the certificate', async (t) => {
  const setting = await oneToken(t)
  const view = await unlock(setting)
  t.is(view.state, 'ready')
  t.like(view.lease, { holder: 'Anna', keyId: 'key-Anna', usesLeft: 10, until: '2026-01-01T00:05:00.000Z' })
  const { signature, certificate } = await sign(setting)
  t.true(verify('sha1', MESSAGE, readCertificate(setting.identity.der).keyObject, signature))
  t.is(certificate.sha256, setting.identity.sha256)
  t.is(setting.tokens.get('T1').lease?.usesLeft, 9)
})

test('A signature that does not fit the certificate never leaves, and the token is locked', async (t) => {
  const setting = await oneToken(t)
  const { key } = await newIdentity()
  const lies = [new Uint8Array(128), new Uint8Array(0), cryptoSign('sha1', MESSAGE, key)]
  for (const lie of lies) {
    await unlock(setting)
    const port = lastOpened(setting)
    port.onSign = async () => lie
    await refused(t, sign(setting), 'SIGNATURE_WRONG')
    t.true(port.loggedOut)
    t.is(setting.tokens.get('T1').lease, null)
    t.is(lockReasons(setting).at(-1), 'signature-wrong')
    await refused(t, sign(setting), 'TOKEN_LOCKED')
  }
})

test('A token nobody unlocked is TOKEN_LOCKED, one nobody saw is TOKEN_UNKNOWN', async (t) => {
  const setting = await oneToken(t)
  await refused(t, sign(setting), 'TOKEN_LOCKED')
  const { tokens, identity } = setting
  await refused(t, tokens.sign(ANNA, 'T9', identity.sha256, 'rsa-sha1', MESSAGE), 'TOKEN_UNKNOWN')
  await refused(t, tokens.unlock(ANNA, 'T9', { pin: PIN }), 'TOKEN_UNKNOWN')
  await refused(t, tokens.lock(ANNA, 'T9'), 'TOKEN_UNKNOWN')
  t.throws(() => tokens.get('T9'), { instanceOf: TokenError })
  t.deepEqual(setting.audit.entries, [])
})

test('A certificate the token does not have is KEY_UNUSABLE and spends no use', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting)
  await refused(t, setting.tokens.sign(ANNA, 'T1', 'ab', 'rsa-sha1', MESSAGE), 'KEY_UNUSABLE')
  t.is(setting.tokens.get('T1').lease?.usesLeft, 10)
})

test('Somebody else can neither sign nor unlock nor lock while a lease runs', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting)
  for (const work of [sign(setting, BERT), unlock(setting, BERT), setting.tokens.lock(BERT, 'T1')]) {
    const error = await refused(t, work, 'TOKEN_IN_USE')
    t.regex(error.message, /Anna/)
  }
  t.is(setting.module.opened.length, 1, 'no second host was started')
  await sign(setting)
})

test('An operator may lock the token of somebody else', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting)
  t.is((await setting.tokens.lock(OPERATOR, 'T1')).state, 'present')
  t.deepEqual(lockReasons(setting), ['asked'])
  t.true(setting.module.opened[0]?.loggedOut)
  await unlock(setting, BERT)
})

test('A second unlock by the same person checks the PIN anew, in a new host', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting)
  const [first] = setting.module.opened
  await unlock(setting, ANNA, { pin: 'another' })
  t.true(first?.loggedOut)
  t.deepEqual(lockReasons(setting), ['unlocked-anew'])
  t.deepEqual(setting.module.opened[1]?.logins, ['another'])
})

test('A second unlock with a wrong PIN leaves the token locked', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting)
  refuseNextLogin(setting)
  await refused(t, unlock(setting, ANNA, { pin: 'wrong' }), 'PIN_WRONG')
  await refused(t, sign(setting), 'TOKEN_LOCKED')
})

test('Two PINs are never on their way to one token', async (t) => {
  const setting = await oneToken(t)
  const { passed, open } = gate()
  const openPort = setting.module.onOpen
  setting.module.onOpen = async (serial) => {
    await passed
    return await openPort(serial)
  }
  const first = unlock(setting, ANNA)
  for (const caller of [ANNA, BERT]) await refused(t, unlock(setting, caller), 'TOKEN_IN_USE')
  open()
  await first
  t.deepEqual(
    setting.module.opened.map(({ logins }) => logins.length),
    [1],
  )
})

test('A lease ends when its time is over', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting, ANNA, { seconds: 60 })
  setting.clock.pass(59 * SECOND)
  await sign(setting)
  setting.clock.pass(1 * SECOND)
  await refused(t, sign(setting), 'TOKEN_LOCKED')
  t.deepEqual(lockReasons(setting), ['expired'])
  t.true(setting.module.opened[0]?.loggedOut)
})

test('A machine that slept through the end of a lease does not sign after it', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting, ANNA, { seconds: 60 })
  setting.clock.sleep(61 * SECOND)
  await refused(t, sign(setting), 'TOKEN_LOCKED')
  t.deepEqual(lockReasons(setting), ['expired'])
})

test('A lease ends with its last use', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting, ANNA, { uses: 2 })
  const results = await Promise.allSettled([sign(setting), sign(setting), sign(setting)])
  t.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected'],
  )
  t.deepEqual(lockReasons(setting), ['uses-spent'])
  t.true(setting.module.opened[0]?.loggedOut)
  t.is(setting.tokens.get('T1').state, 'present')
})

test('A signature that fails spends a use, too', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting, ANNA, { uses: 1 })
  const port = lastOpened(setting)
  port.onSign = () => Promise.reject(new TokenError('TOKEN_FAILED', 'No.', {}))
  await refused(t, sign(setting), 'TOKEN_FAILED')
  t.deepEqual(lockReasons(setting), ['uses-spent'])
})

test('A signature under way when the lease ends is finished', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting, ANNA, { seconds: 1 })
  const port = lastOpened(setting)
  const { passed, open } = gate()
  const signNow = port.onSign
  port.onSign = async (message, algorithm) => {
    await passed
    return await signNow(message, algorithm)
  }
  const underWay = sign(setting)
  t.is(setting.tokens.get('T1').state, 'signing')
  setting.clock.pass(2 * SECOND)
  open()
  t.is((await underWay).signature.length, 128)
  t.deepEqual(lockReasons(setting), ['expired'])
})

test('Terms beyond the limits are refused before anything happens', async (t) => {
  const setting = await oneToken(t)
  for (const terms of [
    { seconds: 0 },
    { seconds: 3601 },
    { uses: 0 },
    { uses: 1001 },
    { uses: 1.5 },
    { seconds: Number.NaN },
  ]) {
    await refused(t, unlock(setting, ANNA, terms), 'LEASE_LIMITS')
  }
  t.deepEqual(setting.module.opened, [])
  t.deepEqual(setting.audit.entries, [])
})

test('A token that leaves takes its lease with it, and says so', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting)
  setting.module.tokens = []
  await setting.tokens.rescan()
  t.is(setting.tokens.get('T1').state, 'absent')
  t.true(setting.module.opened[0]?.loggedOut)
  const last = setting.events.slice(-2).map(({ type }) => type)
  t.deepEqual(last, ['token.removed', 'token.locked'])
  t.deepEqual(lockReasons(setting), ['token-removed'])
  await refused(t, sign(setting), 'TOKEN_REMOVED')
  await refused(t, unlock(setting), 'TOKEN_REMOVED')
})

test('A host that dies locks its token; the next unlock starts a new one', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting)
  setting.module.opened[0]?.leave(new TokenError('MODULE_HOST_DIED', 'The host was ended by SIGKILL.', {}))
  t.is(setting.tokens.get('T1').state, 'present')
  t.deepEqual(lockReasons(setting), ['host-ended'])
  await unlock(setting)
  await sign(setting)
  t.is(setting.module.opened.length, 2)
})

test('A token pulled out during the login is not unlocked', async (t) => {
  const setting = await oneToken(t)
  const open = setting.module.onOpen
  setting.module.onOpen = async (serial) => {
    const token = await open(serial)
    token.onLogin = async () => {
      setting.module.tokens = []
      await setting.tokens.rescan()
    }
    return token
  }
  await refused(t, unlock(setting), 'TOKEN_REMOVED')
  t.is(setting.tokens.get('T1').lease, null)
  t.true(setting.module.opened[0]?.loggedOut)
})

test('A token that another program logged out is locked here, too', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting)
  const port = lastOpened(setting)
  port.onSign = () => Promise.reject(new TokenError('TOKEN_LOCKED', 'CKR_USER_NOT_LOGGED_IN', {}))
  await refused(t, sign(setting), 'TOKEN_LOCKED')
  t.deepEqual(lockReasons(setting), ['login-lost'])
})

test('Closing locks every token and closes every module', async (t) => {
  const setting = await oneToken(t)
  await unlock(setting)
  await setting.tokens.close()
  t.true(setting.module.opened[0]?.loggedOut)
  t.true(setting.module.closed)
  t.deepEqual(lockReasons(setting), ['daemon-stops'])
})
