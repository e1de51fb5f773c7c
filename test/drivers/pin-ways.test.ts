import test from 'ava'
import { makeSastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { FaultyModule } from './faulty-module.js'
import { CAUTIOUS, MESSAGE, openUntilEnd, refusal, signsWell, tokenInReader, WITHIN } from './module-tests.js'
import { settingsOf, temporarySofthsm } from './temporary-softhsm.js'

const CKF_USER_PIN_FINAL_TRY = 0x20000
const CKF_USER_PIN_LOCKED = 0x40000
const NEW_PIN = 'a longer PIN'

test.serial('A key that asks for the PIN before every signature signs as often as one likes', async (t) => {
  const { reader, made } = await tokenInReader(t, { alwaysAsks: true })
  const token = await openUntilEnd(t, reader.settings()).open(made.serial)
  await token.login(TEST_PIN, CAUTIOUS)
  for (let round = 0; round < 3; round++) await signsWell(t, token, made)
  const calls = await reader.calls('C_Login')
  t.deepEqual(calls, ['C_Login', ...Array(3).fill('C_Login for one signature')])
})

test.serial('A PIN refused before a signature is one try, never repeated, and locks the token', async (t) => {
  const { reader, made } = await tokenInReader(t, { alwaysAsks: true })
  const token = await openUntilEnd(t, reader.settings()).open(made.serial)
  await token.login(TEST_PIN, CAUTIOUS)
  await reader.begin('answer:C_Login for one signature:a0')
  const sign = () => token.sign(made.keyId, 'rsa-sha1', MESSAGE, WITHIN)
  t.is((await refusal(t, sign(), 'PIN_WRONG')).place.reached, 'yes')
  await reader.end('answer:C_Login for one signature:a0')
  await refusal(t, sign(), 'TOKEN_LOCKED')
  t.is((await reader.calls('C_Login')).length, 2)
  await token.login(TEST_PIN, CAUTIOUS)
  await signsWell(t, token, made)
})

test.serial('The last try is not spent before a signature', async (t) => {
  const folder = await temporarySofthsm(t)
  const faulty = await FaultyModule.inFrontOfSofthsm(folder)
  const made = await makeSastToken({ folder, label: 'last', bits: 1024, alwaysAsks: true })
  const token = await openUntilEnd(t, faulty.settings()).open(made.serial)
  await token.login(TEST_PIN, CAUTIOUS)
  await faulty.begin(`show-flags:${CKF_USER_PIN_FINAL_TRY.toString(16)}`)
  await refusal(t, token.sign(made.keyId, 'rsa-sha1', MESSAGE, WITHIN), 'PIN_FINAL_TRY')
  t.is((await faulty.calls('C_Login')).length, 1)
})

test.serial(
  'A PIN typed on the reader unlocks the token, and signs with a key that asks each time',
  async (t) => {
    const { reader, made } = await tokenInReader(t, { alwaysAsks: true })
    await reader.begin(`typed:${TEST_PIN}`)
    const module = openUntilEnd(t, reader.settings())
    t.true((await module.scan()).tokens[0]?.pin.onReader)
    const token = await module.open(made.serial)
    await token.login('', CAUTIOUS)
    await signsWell(t, token, made)
    t.is((await reader.calls('C_Login')).length, 2)
  },
)

test.serial('A PIN sent to a token with a reader of its own is taken, too', async (t) => {
  const { reader, made } = await tokenInReader(t)
  await reader.begin('typed:not this one')
  const token = await openUntilEnd(t, reader.settings()).open(made.serial)
  await token.login(TEST_PIN, CAUTIOUS)
  await signsWell(t, token, made)
})

test.serial('A wrong PIN typed on the reader is one try', async (t) => {
  const { reader, made } = await tokenInReader(t)
  await reader.begin('typed:wrong PIN')
  const token = await openUntilEnd(t, reader.settings()).open(made.serial)
  await refusal(t, token.login('', CAUTIOUS), 'PIN_WRONG')
  t.is((await reader.calls('C_Login')).length, 1)
})

test.serial('A library that wants no PIN at all in place of an empty one is said to', async (t) => {
  const { reader, made } = await tokenInReader(t)
  await reader.begin('no-pad')
  const token = await openUntilEnd(t, reader.settings()).open(made.serial)
  const { message } = await refusal(t, token.login('', CAUTIOUS), 'PIN_REFUSED')
  t.regex(message, /CKR_ARGUMENTS_BAD/)
})

test.serial('A changed PIN unlocks the token, and the old one does not', async (t) => {
  const folder = await temporarySofthsm(t)
  const made = await makeSastToken({ folder, label: 'changed', bits: 1024 })
  const module = openUntilEnd(t, settingsOf(folder))
  const token = await module.open(made.serial)
  await token.changePin(TEST_PIN, NEW_PIN)
  await refusal(t, token.login(TEST_PIN, CAUTIOUS), 'PIN_WRONG')
  await token.login(NEW_PIN, CAUTIOUS)
  await signsWell(t, token, made)
})

test.serial(
  'A PIN changed while the token is unlocked is the one given before later signatures',
  async (t) => {
    const { reader, made } = await tokenInReader(t, { alwaysAsks: true })
    const token = await openUntilEnd(t, reader.settings()).open(made.serial)
    await token.login(TEST_PIN, CAUTIOUS)
    await token.changePin(TEST_PIN, NEW_PIN)
    await signsWell(t, token, made)
  },
)

test.serial('A change with a wrong PIN is one try, and changes nothing', async (t) => {
  const { reader, made } = await tokenInReader(t)
  const token = await openUntilEnd(t, reader.settings()).open(made.serial)
  const error = await refusal(t, token.changePin('wrong PIN', NEW_PIN), 'PIN_WRONG')
  t.is(error.place.reached, 'yes')
  t.is((await reader.calls('C_SetPIN')).length, 1)
  await token.login(TEST_PIN, CAUTIOUS)
  t.is((await token.keys()).length, 1)
})

test.serial('Neither PIN of a change is sent when one has an impossible length', async (t) => {
  const { reader, made } = await tokenInReader(t)
  const token = await openUntilEnd(t, reader.settings()).open(made.serial)
  for (const [oldPin, newPin] of [
    [TEST_PIN, '123'],
    ['123', NEW_PIN],
    [TEST_PIN, ''],
  ] as const) {
    const error = await refusal(t, token.changePin(oldPin, newPin), 'PIN_LENGTH')
    t.is(error.place.reached, 'no')
  }
  t.deepEqual(await reader.calls('C_SetPIN'), [])
})

for (const [flag, code] of [
  [CKF_USER_PIN_FINAL_TRY, 'PIN_FINAL_TRY'],
  [CKF_USER_PIN_LOCKED, 'PIN_LOCKED'],
] as const) {
  test.serial(`A change is refused with ${code} before the token is asked`, async (t) => {
    const folder = await temporarySofthsm(t)
    const faulty = await FaultyModule.inFrontOfSofthsm(folder)
    const made = await makeSastToken({ folder, label: 'flags', bits: 1024 })
    const token = await openUntilEnd(t, faulty.settings()).open(made.serial)
    await faulty.begin(`show-flags:${flag.toString(16)}`)
    t.is((await refusal(t, token.changePin(TEST_PIN, NEW_PIN), code)).place.reached, 'no')
    await refusal(t, token.login(TEST_PIN, CAUTIOUS), code)
  })
}

for (const [ckr, name] of [
  ['a1', 'CKR_PIN_INVALID'],
  ['a2', 'CKR_PIN_LEN_RANGE'],
] as const) {
  test.serial(`A new PIN that the token answers with ${name} is refused, not wrong`, async (t) => {
    const { reader, made } = await tokenInReader(t)
    await reader.begin(`answer:C_SetPIN:${ckr}`)
    const token = await openUntilEnd(t, reader.settings()).open(made.serial)
    const { message } = await refusal(t, token.changePin(TEST_PIN, NEW_PIN), 'PIN_REFUSED')
    t.regex(message, new RegExp(name))
    t.is((await reader.calls('C_SetPIN')).length, 1)
  })
}
