/** SAST tokens as they stand in a file of the CTL Client. TAC 118893 shows the texts; two of their oddities are kept. */
import { createPublicKey, type KeyObject, randomBytes, X509Certificate } from 'node:crypto'
import { type Issuer, issueSastCertificate } from '../../softhsm/sast-certificate.js'
import type { KeyAndCertificate } from './lab-cluster.js'
import { type NewKey, pkcs1 } from './lab-identity.js'

/** Eight blanks belong to the name of a Cisco token. */
const PADDING = ' '.repeat(8)

/** Two tokens of one authority: a cluster needs two at least. */
export async function newSastIdentities(issuer: Issuer, newKey: NewKey): Promise<KeyAndCertificate[]> {
  return await Promise.all(
    [1, 2].map(async () => {
      const privateKey = await newKey(2048)
      const name = `SAST-ADN${randomBytes(4).toString('hex')}${PADDING}`
      const certificate = issueSastCertificate(createPublicKey(privateKey), name, issuer)
      return { privateKey, certificate, fields: sastFields(privateKey, certificate, name) }
    }),
  )
}

function sastFields(privateKey: KeyObject, certificate: Uint8Array, name: string) {
  const serial = Buffer.from(new X509Certificate(certificate).serialNumber, 'hex')
  return {
    // The last quotation mark is missing in every transcript.
    subject: `cn="${name}";ou=IPCBU;o="Cisco Systems`,
    issuer: 'cn=Cisco Manufacturing CA;o=Cisco Systems',
    // CryptoAPI keeps serials little-endian (inferred from the printed ones).
    serial: new Uint8Array(serial.reverse()),
    publicKey: pkcs1(createPublicKey(privateKey)),
    // The profile of the CTL Client leaves it out.
    certificateSignature: new Uint8Array(),
    certificate,
  }
}
