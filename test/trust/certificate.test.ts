import { X509Certificate } from 'node:crypto'
import test from 'ava'
import { readCertificate } from '../../daemon/trust/certificate/certificate.js'
import { refusal } from '../ctl/refusals.js'
import { ecKey, makeCertificate, rsaKey } from './make-certificate.js'

const key = rsaKey(2048)
const der = makeCertificate({ subject: [['CN', 'a']], key, serial: '00ff02' })

test('the facts of an RSA certificate are those that OpenSSL reads', (t) => {
  const read = readCertificate(der)
  const openssl = new X509Certificate(der)
  t.is(read.sha1, openssl.fingerprint.replaceAll(':', '').toLowerCase())
  t.is(read.sha256, openssl.fingerprint256.replaceAll(':', '').toLowerCase())
  t.is(read.subject, 'CN=a')
  t.is(read.serial, '00ff02')
  t.is(read.notBefore.getTime(), Date.parse(openssl.validFrom))
  t.is(read.notAfter.getTime(), Date.parse(openssl.validTo))
  t.deepEqual(read.key, { type: 'rsa', bits: 2048 })
  t.true(read.keyObject.equals(openssl.publicKey))
  t.deepEqual(Buffer.from(read.publicKey), key.publicKey.export({ type: 'pkcs1', format: 'der' }))
  t.is(read.publicKey.length, 270)
  t.is(read.signature.length, 256)
  t.true(Buffer.from(der).subarray(-256).equals(read.signature))
})

test('an EC certificate is read, and its key is the uncompressed point', (t) => {
  const pair = ecKey('P-384')
  const read = readCertificate(makeCertificate({ subject: [['CN', 'ec']], key: pair, serial: '01' }))
  t.deepEqual(read.key, { type: 'ec', curve: 'secp384r1' })
  const jwk = pair.publicKey.export({ format: 'jwk' })
  const point = Buffer.concat([
    Buffer.of(4),
    Buffer.from(`${jwk.x}`, 'base64url'),
    Buffer.from(`${jwk.y}`, 'base64url'),
  ])
  t.deepEqual(Buffer.from(read.publicKey), point)
})

test('what is no DER certificate is refused, also a certificate with bytes after it', (t) => {
  const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`
  const wrong = [
    new Uint8Array(),
    new Uint8Array(200),
    Uint8Array.of(...der, 0),
    Uint8Array.from(Buffer.from(pem)),
    Uint8Array.from(key.publicKey.export({ type: 'spki', format: 'der' })),
    Uint8Array.from({ length: 60_000 }, (_, index) => (index % 2 ? 0x80 : 0x30)),
  ]
  for (const bytes of wrong) refusal(t, () => readCertificate(bytes), 'CTL_CERTIFICATE_NOT_DER')
})

test('a certificate cut anywhere is refused', (t) => {
  for (let length = 0; length < der.length; length++) {
    const error = t.throws(() => readCertificate(der.subarray(0, length)))
    t.is(error?.name, 'CtlError')
  }
})
