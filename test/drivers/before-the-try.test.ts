/** What ends before a PIN is on its way says so: it is no try, and nothing is held against the PIN. */
import test, { type ExecutionContext } from 'ava'
import type { TokenErrorCode, TokenPort } from '../../drivers/token.js'
import { makeSastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { type Fault, FaultyModule } from './faulty-module.js'
import { CAUTIOUS, openUntilEnd, refusal } from './module-tests.js'
import { temporarySofthsm } from './temporary-softhsm.js'

async function faultyToken(t: ExecutionContext) {
  const folder = await temporarySofthsm(t)
  const faulty = await FaultyModule.inFrontOfSofthsm(folder)
  const { serial } = await makeSastToken({ folder, label: 'before the try', bits: 1024 })
  return { faulty, serial, module: openUntilEnd(t, faulty.settings()) }
}

for (const call of ['C_Initialize', 'C_GetSlotList', 'C_GetTokenInfo', 'C_OpenSession']) {
  test.serial(`A host that dies in ${call} while a token is opened never sent anything to it`, async (t) => {
    const { faulty, serial, module } = await faultyToken(t)
    await faulty.misbehave(`crash:${call}`)
    const error = await refusal(t, module.open(serial), 'MODULE_HOST_DIED')
    t.is(error.place.reached, 'no')
    t.is(error.place.token, serial)
    await faulty.misbehave()
    await (await module.open(serial)).login(TEST_PIN, CAUTIOUS)
  })
}

const login = (token: TokenPort) => token.login(TEST_PIN, CAUTIOUS)
const change = (token: TokenPort) => token.changePin(TEST_PIN, 'another PIN')

/** CKR_DEVICE_ERROR, CKR_TOKEN_NOT_PRESENT, CKR_TOKEN_WRITE_PROTECTED. */
const BEFORE: readonly [string, Fault, (token: TokenPort) => Promise<void>, TokenErrorCode][] = [
  ['A token that does not tell its PIN flags any more', 'answer:C_GetTokenInfo:30', login, 'TOKEN_REMOVED'],
  ['A token pulled before its PIN flags are read', 'answer:C_GetTokenInfo:e0', login, 'TOKEN_REMOVED'],
  ['A token pulled before its PIN is changed', 'answer:C_GetTokenInfo:e0', change, 'TOKEN_REMOVED'],
  ['A write-protected token whose PIN is to be changed', 'answer:C_OpenSession:e2', change, 'TOKEN_FAILED'],
]

for (const [situation, fault, act, code] of BEFORE) {
  test.serial(`${situation} is sent no PIN, and says so`, async (t) => {
    const { faulty, serial, module } = await faultyToken(t)
    const token = await module.open(serial)
    await faulty.misbehave(fault)
    const refused = refusal(t, act(token), code)
    t.is((await refused).place.reached, 'no')
    t.is(await faulty.count('C_Login'), 0)
    await faulty.misbehave()
    await (await module.open(serial)).login(TEST_PIN, CAUTIOUS)
  })
}
