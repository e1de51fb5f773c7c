import { createPublicKey, randomBytes, verify, X509Certificate } from 'node:crypto'
import test from 'ava'
import {
  certificateNames,
  draftCertificate,
  type NameAttribute,
} from '../../daemon/trust/certificate/issue-certificate.js'
import { openModule } from '../../drivers/pkcs11/pkcs11-client.js'
import { openProvisioner } from '../../drivers/pkcs11/pkcs11-provisioner.js'
import { makeSastToken, TEST_PIN } from '../../softhsm/sast-token.js'
import { softhsmModule } from '../../softhsm/tokens-folder.js'
import { temporarySofthsm } from './temporary-softhsm.js'

const NAME: readonly NameAttribute[] = [['CN', 'Asterisk SAST']]
const MESSAGE = Buffer.from('a message')

test('A key is made on the token, gets a certificate, and signs through the ordinary port afterwards', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({ folder, label: 'one', bits: 1024 })
  const settings = softhsmModule(folder)
  const keyId = randomBytes(8).toString('hex')
  const job = await openProvisioner(settings).open(serial)
  await job.login(TEST_PIN, { finalTry: false })
  const made = await job.makeKey({ keyId, label: 'new key', bits: 2048 })
  const publicKey = createPublicKey({ key: Buffer.from(made.publicKey), format: 'der', type: 'spki' })
  const draft = draftCertificate({
    publicKey,
    subject: NAME,
    issuer: NAME,
    serial: Uint8Array.of(1),
    notBefore: new Date(),
    notAfter: new Date(Date.now() + 1e9),
    digest: 'sha256',
    use: 'signer',
  })
  const der = draft.finish(await job.sign(keyId, 'rsa-sha256', draft.toBeSigned))
  t.true(new X509Certificate(der).verify(publicKey))
  await job.writeCertificate({ keyId, label: 'new key', der, ...certificateNames(der) })
  await t.throwsAsync(job.makeKey({ keyId, label: 'again', bits: 2048 }), { code: 'KEY_EXISTS' })
  await job.close()

  const module = openModule(settings)
  t.teardown(() => module.close())
  const [token] = (await module.scan()).tokens
  t.true(
    token?.certificates.some(
      (certificate) => certificate.keyId === keyId && Buffer.from(certificate.der).equals(der),
    ),
  )
  const port = await module.open(serial)
  await port.login(TEST_PIN, { finalTry: false })
  const signature = await port.sign(keyId, 'rsa-sha1', MESSAGE, { deadline: 20_000 })
  t.true(verify('sha1', MESSAGE, publicKey, signature))
  await port.logout()
})

test('A key whose job failed is removed again', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({ folder, label: 'one', bits: 1024 })
  const provisioner = openProvisioner(softhsmModule(folder))
  const keyId = 'feed'
  const first = await provisioner.open(serial)
  await first.login(TEST_PIN, { finalTry: false })
  await first.makeKey({ keyId, label: 'x', bits: 1024 })
  await first.removeKey(keyId)
  await first.close()
  const second = await provisioner.open(serial)
  await second.login(TEST_PIN, { finalTry: false })
  await t.notThrowsAsync(second.makeKey({ keyId, label: 'x', bits: 1024 }))
  await second.close()
})

test('A provisioning host refuses a wrong PIN as any other, and works only after a login', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({ folder, label: 'one', bits: 1024 })
  const job = await openProvisioner(softhsmModule(folder)).open(serial)
  t.teardown(() => job.close())
  await t.throwsAsync(job.login('Wrong-0815', { finalTry: false }), { code: 'PIN_WRONG' })
  await t.throwsAsync(job.makeKey({ keyId: 'aa', label: 'x', bits: 1024 }))
  await t.throwsAsync(job.sign('aa', 'rsa-sha1', MESSAGE), { code: 'KEY_UNUSABLE' })
})

test('A provisioner that is closed ends the job under way, and begins no other', async (t) => {
  const folder = await temporarySofthsm(t)
  const { serial } = await makeSastToken({ folder, label: 'one', bits: 1024 })
  const provisioner = openProvisioner(softhsmModule(folder))
  const job = await provisioner.open(serial)
  await provisioner.close()
  const login = job.login(TEST_PIN, { finalTry: false })
  await t.throwsAsync(login, { code: 'MODULE_HOST_DIED' })
  await t.throwsAsync(provisioner.open(serial), { code: 'MODULE_FAILED' })
})
