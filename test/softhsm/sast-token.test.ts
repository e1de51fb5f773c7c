import { execFile } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'
import { openModule } from '../../drivers/pkcs11/pkcs11-client.js'
import { TokenError } from '../../drivers/token.js'
import { issueManufacturingCa, issueSastCertificate } from '../../softhsm/sast-certificate.js'
import { makeSastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { listUnplugged, plug, softhsmModule, unplug } from '../../softhsm/tokens-folder.js'
import { temporarySofthsm } from '../drivers/temporary-softhsm.js'

const MAIN = fileURLToPath(new URL('../../softhsm/main.js', import.meta.url))

async function serialsIn(folder: string): Promise<string[]> {
  const module = openModule(softhsmModule(folder))
  const { tokens } = await module.scan().finally(() => module.close())
  return tokens.map(({ serial }) => serial).sort()
}

async function softhsm(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [MAIN, ...words])) }
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string }
  }
}

test.serial(
  'A SAST certificate has the padded name, ten bytes of serial number and its issuer',
  async (t) => {
    const folder = await temporarySofthsm(t)
    for (const bits of [1024, 2048] as const) {
      const made = await makeSastToken({ folder, label: 'eToken', bits, commonName: 'SAST-ADN008580ef' })
      const der = Buffer.from(made.certificate)
      const certificate = new X509Certificate(der)
      const issuer = new X509Certificate(await readFile(join(folder, 'manufacturing-ca.pem')))
      t.true(der.includes('SAST-ADN008580ef        '), 'eight blanks belong to the name')
      t.regex(certificate.subject, /^O=Cisco Systems\nOU=IPCBU\nCN=SAST-ADN008580ef/)
      t.is(certificate.issuer, 'O=Cisco Systems\nCN=Cisco Manufacturing CA')
      t.is(certificate.serialNumber.length, 20)
      t.is(certificate.publicKey.asymmetricKeyDetails?.modulusLength, bits)
      t.true(certificate.verify(issuer.publicKey))
    }
  },
)

test.serial('Tokens are pulled out and put back, and keep what they hold', async (t) => {
  const folder = await temporarySofthsm(t)
  const [one, two] = await Promise.all([
    makeSastToken({ folder, label: 'one', bits: 1024 }),
    makeSastToken({ folder, label: 'two', bits: 1024 }),
  ])
  t.deepEqual(await serialsIn(folder), [one.serial, two.serial].sort())
  await unplug(folder, one.serial)
  t.deepEqual(await serialsIn(folder), [two.serial])
  t.deepEqual(await listUnplugged(folder), [one.serial])
  await unplug(folder, one.serial)
  await plug(folder, one.serial)
  t.deepEqual(await serialsIn(folder), [one.serial, two.serial].sort())
  await t.throwsAsync(plug(folder, '0000000000000000'), { message: /no token 0000000000000000/ })
  t.deepEqual(await readdir(join(folder, 'making')), [], 'nothing half made is left')
})

test.serial('A token may hold a key that its maker keeps: both sign the same', async (t) => {
  const folder = await temporarySofthsm(t)
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const issuer = issueManufacturingCa(createPublicKey(privateKey), privateKey)
  const certificate = issueSastCertificate(createPublicKey(privateKey), 'SAST-ADN00000001', issuer)
  const made = await makeSastToken({ folder, label: 'kept', identity: { privateKey, certificate } })
  t.deepEqual(made.certificate, certificate)
  const module = openModule(softhsmModule(folder))
  t.teardown(() => module.close())
  const token = await module.open(made.serial)
  await token.login(TEST_PIN, { finalTry: false })
  const message = Buffer.from('the same message')
  const signed = await token.sign(made.keyId, 'rsa-sha1', message, { deadline: 20_000 })
  t.deepEqual(Buffer.from(signed), sign('sha1', message, privateKey))
})

test.serial('A token that cannot be made says why and leaves nothing', async (t) => {
  const folder = await temporarySofthsm(t)
  await t.throwsAsync(makeSastToken({ folder, label: 'short PIN', pin: '12', bits: 1024 }), {
    message: /cannot be made: .*CKR_PIN_/s,
  })
  t.deepEqual(await serialsIn(folder), [])
  t.deepEqual(await readdir(join(folder, 'making')), [])
})

test.serial('The private key of the certificate authority is for its owner only', async (t) => {
  const folder = await temporarySofthsm(t)
  t.is((await stat(join(folder, 'manufacturing-ca.key'))).mode & 0o777, 0o600)
})

test.serial('The command makes, lists, unplugs and plugs a token', async (t) => {
  const folder = await temporarySofthsm(t)
  const pinFile = join(folder, 'pin')
  await writeFile(pinFile, 'my own PIN\nsecond line\n')
  const made = await softhsm(
    'make',
    '--folder',
    folder,
    '--label',
    'by hand',
    '--bits',
    '1024',
    '--pin-file',
    pinFile,
  )
  const serial = made.stdout.trim()
  t.deepEqual(await serialsIn(folder), [serial])
  t.is((await softhsm('list', '--folder', folder)).stdout, `${serial}  plugged in  by hand\n`)
  t.is((await softhsm('unplug', serial, '--folder', folder)).code, 0)
  t.is((await softhsm('list', '--folder', folder)).stdout, `${serial}  pulled out\n`)
  t.is((await softhsm('plug', serial, '--folder', folder)).code, 0)

  const module = openModule(softhsmModule(folder))
  t.teardown(() => module.close())
  const token = await module.open(serial)
  await t.throwsAsync(token.login(TEST_PIN, { finalTry: false }), { instanceOf: TokenError })
  await t.notThrowsAsync(token.login('my own PIN', { finalTry: false }))
})

test.serial('The command explains itself, and refuses what it does not know', async (t) => {
  const help = await softhsm('--help')
  t.is(help.code, 0)
  t.regex(help.stdout, /softhsm make --folder FOLDER/)
  for (const words of [
    [],
    ['juggle'],
    ['make'],
    ['unplug'],
    ['make', '--folder', 'x', '--bits', '7'],
    ['list', '--pin', 'x'],
  ]) {
    const { code, stdout, stderr } = await softhsm(...words)
    t.is(code, 2, words.join(' '))
    t.is(stdout, '')
    t.regex(stderr, /--help tells more/)
  }
})
