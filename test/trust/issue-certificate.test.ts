import { spawnSync } from 'node:child_process'
import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import test from 'ava'
import {
  draftCertificate,
  draftCertificateRequest,
  type NameAttribute,
} from '../../daemon/trust/certificate/issue-certificate.js'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const name: readonly NameAttribute[] = [
  ['O', 'Example'],
  ['CN', 'SAST one'],
]
/** openssl tells its verdict on a request on standard error, whatever its exit code. */
function openssl(input: Uint8Array): string {
  const args = ['req', '-inform', 'DER', '-verify', '-noout', '-subject']
  const { stdout, stderr } = spawnSync('openssl', args, { input, encoding: 'utf8' })
  return `${stderr}${stdout}`
}

test('a self-signed certificate verifies, with the names, serial and dates that were asked for', (t) => {
  const draft = draftCertificate({
    publicKey,
    subject: name,
    issuer: name,
    serial: Uint8Array.of(0x31, 2, 3),
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2036-01-01T00:00:00Z'),
    digest: 'sha256',
    use: 'signer',
  })
  const certificate = new X509Certificate(draft.finish(sign('sha256', draft.toBeSigned, privateKey)))
  t.true(certificate.verify(publicKey))
  t.is(certificate.subject, 'O=Example\nCN=SAST one')
  t.is(certificate.serialNumber, '310203')
  t.is(new Date(certificate.validTo).toISOString(), '2036-01-01T00:00:00.000Z')
  t.deepEqual(
    certificate.publicKey.export({ type: 'spki', format: 'der' }),
    publicKey.export({ type: 'spki', format: 'der' }),
  )
})

test('openssl takes the request for a certificate', (t) => {
  const draft = draftCertificateRequest({ publicKey, subject: name, digest: 'sha256' })
  const request = draft.finish(sign('sha256', draft.toBeSigned, privateKey))
  t.regex(openssl(request), /verify OK[\s\S]*O ?= ?Example, ?CN ?= ?SAST one/)
})

test('openssl refuses a request that another key signed', (t) => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const draft = draftCertificateRequest({ publicKey, subject: name, digest: 'sha256' })
  const request = draft.finish(sign('sha256', draft.toBeSigned, other))
  t.regex(openssl(request), /verify failure/)
})
