/** Self-signed certificates as CUCM makes them for its services, for a cluster that exists only in the demo. */
import { createPrivateKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import forge from 'node-forge'

export interface ServerCertificate {
  readonly commonName: string
  readonly der: Uint8Array
  readonly privateKey: KeyObject
}

const YEAR = 365 * 24 * 60 * 60 * 1000

/** RSA-1024 and SHA-1, as CUCM 10.5 had them by default; a serial number of 16 bytes. */
export async function makeServerCertificate(commonName: string): Promise<ServerCertificate> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 1024,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const name = [
    { shortName: 'C', value: 'PL' },
    { shortName: 'ST', value: 'Malopolska' },
    { shortName: 'L', value: 'Krakow' },
    { shortName: 'O', value: 'Cisco' },
    { shortName: 'OU', value: 'TAC' },
    { shortName: 'CN', value: commonName },
  ]
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey)
  certificate.serialNumber = `70${randomBytes(15).toString('hex')}`
  certificate.validity.notBefore = new Date(Date.now() - YEAR)
  certificate.validity.notAfter = new Date(Date.now() + 4 * YEAR)
  certificate.setSubject(name)
  certificate.setIssuer(name)
  certificate.setExtensions([
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, keyCertSign: true },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    { name: 'subjectKeyIdentifier' },
  ])
  certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha1.create())
  const der = Buffer.from(forge.asn1.toDer(forge.pki.certificateToAsn1(certificate)).getBytes(), 'latin1')
  return { commonName, der: new Uint8Array(der), privateKey: createPrivateKey(privateKey) }
}
