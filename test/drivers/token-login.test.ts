import { verify, X509Certificate } from 'node:crypto'
import test, { type ExecutionContext } from 'ava'
import { openModule } from '../../drivers/pkcs11/pkcs11-client.js'
import { TokenError, type TokenErrorCode, type TokenPort } from '../../drivers/token.js'
import { makeSastToken, type SastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { FaultyModule } from './faulty-module.js'
import { HANG_LIMIT, temporarySofthsm } from './temporary-softhsm.js'

const CAUTIOUS = { finalTry: false }
const WITHIN = { deadline: HANG_LIMIT }
const CKF_USER_PIN_FINAL_TRY = 0x20000
const CKF_USER_PIN_LOCKED = 0x40000

interface Setting {
  readonly faulty: FaultyModule
  readonly token: TokenPort
  readonly made: SastToken
}

async function openToken(t: ExecutionContext): Promise<Setting> {
  const folder = await temporarySofthsm(t)
  const faulty = await FaultyModule.inFrontOfSofthsm(folder)
  const made = await makeSastToken({ folder, label: 'counted', bits: 1024 })
  const module = openModule(faulty.settings())
  t.teardown(() => module.close())
  return { faulty, token: await module.open(made.serial), made }
}

async function refuses(
  t: ExecutionContext,
  work: Promise<unknown>,
  code: TokenErrorCode,
): Promise<TokenError> {
  const error = await t.throwsAsync(work, { instanceOf: TokenError })
  t.is(error.code, code, error.message)
  return error
}

test.serial('A wrong PIN spends exactly one try', async (t) => {
  const { faulty, token } = await openToken(t)
  const error = await refuses(t, token.login('wrong PIN', CAUTIOUS), 'PIN_WRONG')
  t.is(error.place.reached, 'yes')
  t.is((await faulty.calls('C_Login')).length, 1)
})

test.serial('After a wrong PIN the right one unlocks the same port', async (t) => {
  const { faulty, token } = await openToken(t)
  await refuses(t, token.login('wrong PIN', CAUTIOUS), 'PIN_WRONG')
  await token.login(TEST_PIN, CAUTIOUS)
  t.is((await faulty.calls('C_Login')).length, 2)
  t.is((await token.keys()).length, 1)
})

test.serial('A PIN that is too short, too long or empty is refused before the token is asked', async (t) => {
  const { faulty, token } = await openToken(t)
  for (const pin of ['', '123', 'x'.repeat(256), 'é'.repeat(128)]) {
    const error = await refuses(t, token.login(pin, CAUTIOUS), 'PIN_LENGTH')
    t.is(error.place.reached, 'no')
  }
  t.deepEqual(await faulty.calls('C_Login'), [])
})

test.serial('A token whose PIN is locked is not asked', async (t) => {
  const { faulty, token } = await openToken(t)
  await faulty.begin(`show-flags:${CKF_USER_PIN_LOCKED.toString(16)}`)
  const error = await refuses(t, token.login(TEST_PIN, { finalTry: true }), 'PIN_LOCKED')
  t.is(error.place.reached, 'no')
  t.deepEqual(await faulty.calls('C_Login'), [])
})

test.serial('The last try is made only by whoever says so', async (t) => {
  const { faulty, token } = await openToken(t)
  await faulty.begin(`show-flags:${CKF_USER_PIN_FINAL_TRY.toString(16)}`)
  await refuses(t, token.login(TEST_PIN, CAUTIOUS), 'PIN_FINAL_TRY')
  t.deepEqual(await faulty.calls('C_Login'), [])
  await token.login(TEST_PIN, { finalTry: true })
  t.is((await faulty.calls('C_Login')).length, 1)
})

const ANSWERS = [
  [0xa4, 'PIN_LOCKED'],
  [0xa3, 'PIN_EXPIRED'],
  [0x102, 'PIN_NOT_SET'],
  [0x32, 'TOKEN_REMOVED'],
  [0x30, 'TOKEN_FAILED'],
  [0x80000123, 'TOKEN_FAILED'],
] as const

for (const [ckr, code] of ANSWERS) {
  test.serial(
    `A login that the token answers with 0x${ckr.toString(16)} is ${code}, after one try`,
    async (t) => {
      const { faulty, token } = await openToken(t)
      await faulty.begin(`answer:C_Login:${ckr.toString(16)}`)
      await refuses(t, token.login(TEST_PIN, CAUTIOUS), code)
      t.is((await faulty.calls('C_Login')).length, 1)
    },
  )
}

test.serial('CKR_USER_ALREADY_LOGGED_IN is no login', async (t) => {
  const { faulty, token } = await openToken(t)
  await faulty.begin('answer:C_Login:100')
  await refuses(t, token.login(TEST_PIN, CAUTIOUS), 'TOKEN_FAILED')
  await refuses(t, token.keys(), 'TOKEN_LOCKED')
})

test.serial('A token without CKM_RSA_PKCS signs with a mechanism that hashes', async (t) => {
  const { faulty, token, made } = await openToken(t)
  await faulty.begin('no-rsa-pkcs')
  await token.login(TEST_PIN, CAUTIOUS)
  const message = Buffer.from('hashed by the token')
  for (const hash of ['sha1', 'sha256', 'sha512'] as const) {
    const signature = await token.sign(made.keyId, `rsa-${hash}`, message, WITHIN)
    t.true(verify(hash, message, new X509Certificate(made.certificate).publicKey, signature))
  }
  const inputs = await faulty.calls('C_Sign')
  t.deepEqual(
    new Set(inputs),
    new Set([`C_Sign ${message.toString('hex')}`]),
    'the token got the message itself',
  )
})
