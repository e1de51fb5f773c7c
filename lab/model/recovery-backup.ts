/** ITLRecovery.p12: the backup that is to be taken before anything. TAC 214231. */
import forge from 'node-forge'
import type { KeyAndCertificate } from './lab-cluster.js'

/** PKCS #12 (RFC 7292); the lab protects it with the password of its user. */
export function recoveryBackup({ privateKey, certificate }: KeyAndCertificate, password: string): Uint8Array {
  const key = forge.pki.privateKeyFromPem(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  const x509 = forge.pki.certificateFromAsn1(forge.asn1.fromDer(Buffer.from(certificate).toString('latin1')))
  const p12 = forge.pkcs12.toPkcs12Asn1(key, [x509], password, { algorithm: 'aes256', count: 2048 })
  return new Uint8Array(Buffer.from(forge.asn1.toDer(p12).getBytes(), 'latin1'))
}
