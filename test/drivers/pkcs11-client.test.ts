import { verify, X509Certificate } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { openModule } from '../../drivers/pkcs11/pkcs11-client.js'
import { type ModulePort, type ModuleSettings, TokenError, type TokenErrorCode } from '../../drivers/token.js'
import { makeSastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { plug, unplug } from '../../softhsm/tokens-folder.js'
import { compileLibrary } from './forwarding-module.js'
import { eventually, HANG_LIMIT, hostsOf, settingsOf, temporarySofthsm } from './temporary-softhsm.js'

const MESSAGE = Buffer.from('a message that is no CTL')
const WITHIN = { deadline: HANG_LIMIT }
const CAUTIOUS = { finalTry: false }

function openUntilEnd(t: ExecutionContext, settings: ModuleSettings): ModulePort {
  const module = openModule(settings)
  t.teardown(() => module.close())
  return module
}

async function refusal(
  t: ExecutionContext,
  work: Promise<unknown>,
  code: TokenErrorCode,
): Promise<TokenError> {
  const error = await t.throwsAsync(work, { instanceOf: TokenError })
  t.is(error.code, code, error.message)
  return error
}

test.serial('A scan shows two tokens with their certificates, without a login', async (t) => {
  const folder = await temporarySofthsm(t)
  const one = await makeSastToken({ folder, label: 'eToken one', bits: 1024 })
  const two = await makeSastToken({ folder, label: 'eToken two' })
  const module = openUntilEnd(t, settingsOf(folder))

  const { tokens, library } = await module.scan()

  t.is(library.manufacturer, 'SoftHSM')
  t.deepEqual(tokens.map(({ serial }) => serial).sort(), [one.serial, two.serial].sort())
  for (const made of [one, two]) {
    const token = tokens.find(({ serial }) => serial === made.serial)
    t.is(token?.label, made.label)
    t.true(token?.pin.set)
    t.true(token?.mechanisms.includes('CKM_RSA_PKCS'))
    t.is(token?.certificates.length, 1)
    t.is(token?.certificates[0]?.keyId, made.keyId)
    t.deepEqual(Buffer.from(token?.certificates[0]?.der ?? []), Buffer.from(made.certificate))
  }
})

test.serial('A folder without tokens is an empty list, although SoftHSM shows its blank slot', async (t) => {
  const module = openUntilEnd(t, settingsOf(await temporarySofthsm(t)))
  t.deepEqual((await module.scan()).tokens, [])
})

test.serial('Each digest signed by each size of key is verified by the certificate', async (t) => {
  const folder = await temporarySofthsm(t)
  const module = openUntilEnd(t, settingsOf(folder))
  for (const bits of [1024, 2048, 4096] as const) {
    const { serial, keyId, certificate } = await makeSastToken({ folder, label: `RSA ${bits}`, bits })
    const token = await module.open(serial)
    await token.login(TEST_PIN, CAUTIOUS)
    for (const hash of ['sha1', 'sha256', 'sha512'] as const) {
      const signature = await token.sign(keyId, `rsa-${hash}`, MESSAGE, WITHIN)
      t.is(signature.length, bits / 8)
      t.true(verify(hash, MESSAGE, new X509Certificate(certificate).publicKey, signature))
    }
  }
})

test.serial('A token that is not unlocked signs nothing and shows no keys', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial, keyId } = await makeSastToken({ folder, label: 'locked', bits: 1024 })
  const token = await openUntilEnd(t, settingsOf(folder)).open(serial)
  await refusal(t, token.sign(keyId, 'rsa-sha1', MESSAGE, WITHIN), 'TOKEN_LOCKED')
  await refusal(t, token.keys(), 'TOKEN_LOCKED')
})

test.serial(
  'A second login through an unlocked port is refused, with a wrong PIN as with the right one',
  async (t) => {
    const folder = await temporarySofthsm(t)
    const { serial } = await makeSastToken({ folder, label: 'once', bits: 1024 })
    const token = await openUntilEnd(t, settingsOf(folder)).open(serial)
    await token.login(TEST_PIN, CAUTIOUS)
    for (const pin of ['wrong PIN', TEST_PIN]) {
      const error = await refusal(t, token.login(pin, CAUTIOUS), 'TOKEN_FAILED')
      t.is(error.place.reached, 'no', 'the token was not asked')
    }
    t.is((await token.keys()).length, 1, 'the refusals cost nothing')
  },
)

test.serial('A token pulled out while unlocked is TOKEN_REMOVED, and its port says so once', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial, keyId } = await makeSastToken({ folder, label: 'pulled', bits: 1024 })
  const token = await openUntilEnd(t, settingsOf(folder)).open(serial)
  const gone: TokenErrorCode[] = []
  token.onGone(({ code }) => gone.push(code))
  await token.login(TEST_PIN, CAUTIOUS)
  await unplug(folder, serial)

  const error = await refusal(t, token.sign(keyId, 'rsa-sha1', MESSAGE, WITHIN), 'TOKEN_REMOVED')

  t.is(error.place.token, serial)
  t.deepEqual(gone, ['TOKEN_REMOVED'])
  t.deepEqual(await hostsOf(folder), [], 'its host is gone')
})

test.serial('A token that is not plugged in cannot be opened', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({ folder, label: 'away', bits: 1024 })
  await unplug(folder, serial)
  const module = openUntilEnd(t, settingsOf(folder))
  await refusal(t, module.open(serial), 'TOKEN_REMOVED')
  t.deepEqual(await hostsOf(folder), [])
})

const UNUSABLE = [
  ['ec-key', 'the private key is not an RSA key'],
  ['no-key', 'the token shows no private key for it'],
  ['foreign-key', 'the private key does not belong to the certificate'],
  ['not-for-signing', 'the private key is not marked for signing'],
] as const

for (const [fault, reason] of UNUSABLE) {
  test.serial(`A key that cannot sign is KEY_UNUSABLE: ${reason}`, async (t) => {
    const folder = await temporarySofthsm(t)
    const { serial, keyId } = await makeSastToken({ folder, label: fault, bits: 1024, fault })
    const token = await openUntilEnd(t, settingsOf(folder)).open(serial)
    await token.login(TEST_PIN, CAUTIOUS)
    const error = await refusal(t, token.sign(keyId, 'rsa-sha1', MESSAGE, WITHIN), 'KEY_UNUSABLE')
    t.true(error.message.includes(reason), error.message)
    t.is((await token.keys())[0]?.whyNot, fault === 'no-key' ? undefined : reason)
  })
}

test.serial(
  'A module that does not exist, is no library or no PKCS#11 library is named with the reason',
  async (t) => {
    const folder = await temporarySofthsm(t)
    const noLibrary = join(folder, 'text.so')
    await writeFile(noLibrary, 'not a library')
    const source = join(folder, 'empty.c')
    await writeFile(source, 'int nothing(void) { return 0; }\n')
    const noPkcs11 = join(folder, 'empty.so')
    await compileLibrary([source], noPkcs11)
    const cases = [
      [join(folder, 'missing.so'), /No such file/],
      [noLibrary, /too short|invalid ELF/],
      [noPkcs11, /undefined symbol: C_GetFunctionList/],
    ] as const
    for (const [path, reason] of cases) {
      const module = openUntilEnd(t, settingsOf(folder, { name: 'etoken', path }))
      const error = await refusal(t, module.scan(), 'MODULE_NOT_LOADABLE')
      t.regex(error.message, reason)
      t.is(error.place.module, 'etoken')
      await refusal(t, module.open('any'), 'MODULE_NOT_LOADABLE')
    }
    t.deepEqual(await hostsOf(folder), [])
  },
)

test.serial('A library that refuses to start is not loadable, and says with what', async (t) => {
  const folder = await temporarySofthsm(t)
  const environment = { SOFTHSM2_CONF: join(folder, 'no-such.conf') }
  const error = await refusal(
    t,
    openUntilEnd(t, settingsOf(folder, { environment })).scan(),
    'MODULE_NOT_LOADABLE',
  )
  t.regex(error.message, /CKR_GENERAL_ERROR/)
})

test.serial('A token that comes or goes is hinted at, and the next scan shows it', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({ folder, label: 'moving', bits: 1024 })
  const module = openUntilEnd(t, settingsOf(folder))
  let hints = 0
  module.watch(() => {
    hints += 1
  })
  await unplug(folder, serial)
  await eventually(() => (hints > 0 ? true : undefined))
  t.deepEqual((await module.scan()).tokens, [])
  hints = 0
  await plug(folder, serial)
  await eventually(() => (hints > 0 ? true : undefined))
  t.is((await module.scan()).tokens[0]?.serial, serial)
})

test.serial('A module that fails is hinted at again soon, without any change of a folder', async (t) => {
  const folder = await temporarySofthsm(t)
  const module = openUntilEnd(t, settingsOf(folder, { path: join(folder, 'missing.so') }))
  let hints = 0
  module.watch(() => {
    hints += 1
  })
  await refusal(t, module.scan(), 'MODULE_NOT_LOADABLE')
  await eventually(() => (hints > 0 ? true : undefined))
  t.pass()
})

test.serial('Closing a module ends every process, and nothing starts afterwards', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({ folder, label: 'closed', bits: 1024 })
  const module = openModule(settingsOf(folder))
  const token = await module.open(serial)
  await token.login(TEST_PIN, CAUTIOUS)
  t.is((await hostsOf(folder)).length, 1)
  const scan = module.scan()

  await Promise.all([module.close(), t.throwsAsync(scan, { instanceOf: TokenError })])

  t.deepEqual(await hostsOf(folder), [])
  await refusal(t, module.scan(), 'MODULE_FAILED')
  await refusal(t, module.open(serial), 'MODULE_FAILED')
})

test.serial('A logout ends the host of its token and tells nobody that it is gone', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({ folder, label: 'locked again', bits: 1024 })
  const token = await openUntilEnd(t, settingsOf(folder)).open(serial)
  token.onGone(() => t.fail())
  await token.login(TEST_PIN, CAUTIOUS)
  await token.logout()
  t.deepEqual(await hostsOf(folder), [])
  await refusal(t, token.keys(), 'MODULE_HOST_DIED')
})
