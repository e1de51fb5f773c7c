import { existsSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import type { TokenErrorCode } from '../../drivers/token.js'
import { type SastTokenOptions, TEST_PIN } from '../../softhsm/sast-token.js'
import { unplug } from '../../softhsm/tokens-folder.js'
import { CAUTIOUS, MESSAGE, openUntilEnd, refusal, signsWell, tokenInReader, WITHIN } from './module-tests.js'
import { eventually, hostsOf } from './temporary-softhsm.js'

const SIZE = 3

async function openPool(t: ExecutionContext, options: Partial<SastTokenOptions> = {}) {
  const { folder, reader, made } = await tokenInReader(t, options)
  const module = openUntilEnd(t, reader.settings({ parallel: SIZE }))
  const token = await module.open(made.serial)
  const gone: TokenErrorCode[] = []
  token.onGone(({ code }) => gone.push(code))
  const hosts = () => hostsOf(folder, 'sign')
  const logins = async () => (await reader.calls('C_Login')).length
  return { folder, reader, made, token, gone, hosts, logins }
}

test.serial('A token of a parallel module is signed with by several hosts at a time', async (t) => {
  const { reader, made, token, hosts } = await openPool(t)
  t.is((await hosts()).length, 1)
  await token.login(TEST_PIN, CAUTIOUS)
  t.is((await hosts()).length, SIZE)
  await Promise.all(Array.from({ length: 12 }, () => signsWell(t, token, made)))
  const calls = await reader.calls('C_Sign')
  t.is(calls.length, 12)
  t.deepEqual([...new Set(calls)].sort(), (await hosts()).map((host) => `C_Sign in ${host}`).sort())
})

test.serial('A wrong PIN costs one try, however many hosts there would be', async (t) => {
  const { token, hosts, logins } = await openPool(t)
  await refusal(t, token.login('wrong PIN', CAUTIOUS), 'PIN_WRONG')
  t.is(await logins(), 1)
  t.is((await hosts()).length, 1)
})

test.serial('The first refusal of a further host is the last login', async (t) => {
  const { reader, made, token, hosts, logins } = await openPool(t)
  await reader.begin('logins-allowed:1')
  await token.login(TEST_PIN, CAUTIOUS)
  t.is(await logins(), 2)
  t.is((await hosts()).length, 1)
  await signsWell(t, token, made)
})

test.serial('A logout ends all hosts and tells nobody', async (t) => {
  const { token, gone, hosts } = await openPool(t)
  await token.login(TEST_PIN, CAUTIOUS)
  await token.logout()
  t.deepEqual(await hosts(), [])
  t.deepEqual(gone, [])
})

test.serial('A host that dies is missed by nobody; the last one takes the token with it', async (t) => {
  const { made, token, gone, hosts } = await openPool(t)
  await token.login(TEST_PIN, CAUTIOUS)
  const [first = 0, ...others] = await hosts()
  process.kill(first, 'SIGKILL')
  // Gone from /proc only when this process has heard of its end.
  await eventually(() => (existsSync(`/proc/${first}`) ? undefined : true))
  for (let round = 0; round < SIZE; round++) await signsWell(t, token, made)
  t.deepEqual(gone, [])
  for (const host of others) process.kill(host, 'SIGKILL')
  await eventually(() => (gone.length > 0 ? true : undefined))
  t.deepEqual(gone, ['MODULE_HOST_DIED'])
  await refusal(t, token.sign(made.keyId, 'rsa-sha1', MESSAGE, WITHIN), 'MODULE_HOST_DIED')
})

test.serial('A token pulled out is gone for all hosts', async (t) => {
  const { folder, made, token, gone, hosts } = await openPool(t)
  await token.login(TEST_PIN, CAUTIOUS)
  await unplug(folder, made.serial)
  await refusal(t, token.sign(made.keyId, 'rsa-sha1', MESSAGE, WITHIN), 'TOKEN_REMOVED')
  t.deepEqual(gone, ['TOKEN_REMOVED'])
  await eventually(async () => ((await hosts()).length === 0 ? true : undefined))
})

test.serial(
  'A token whose key asks for the PIN each time has one host: no PIN is tried by several',
  async (t) => {
    const { reader, made, token, hosts, logins } = await openPool(t, { alwaysAsks: true })
    await token.login(TEST_PIN, CAUTIOUS)
    t.is((await hosts()).length, 1)
    await signsWell(t, token, made)
    await reader.begin('answer:C_Login for one signature:a0')
    const before = await logins()
    const signs = Array.from({ length: SIZE }, () => token.sign(made.keyId, 'rsa-sha1', MESSAGE, WITHIN))
    const codes = await Promise.all(signs.map((sign) => sign.then(String, ({ code }) => code)))
    t.deepEqual(codes, ['PIN_WRONG', 'TOKEN_LOCKED', 'TOKEN_LOCKED'])
    t.is(await logins(), before + 1)
  },
)

test.serial('A PIN changed while several hosts are logged in leaves them at work', async (t) => {
  const { made, token, hosts } = await openPool(t)
  await token.login(TEST_PIN, CAUTIOUS)
  await token.changePin(TEST_PIN, 'another PIN')
  t.is((await hosts()).length, SIZE)
  await Promise.all(Array.from({ length: SIZE }, () => signsWell(t, token, made)))
})
