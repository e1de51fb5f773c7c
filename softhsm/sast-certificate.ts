import { createPrivateKey, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto'
import {
  type Draft,
  draftCertificate,
  type NameAttribute,
} from '../daemon/trust/certificate/issue-certificate.js'

/** A certificate authority that looks like Cisco's, made up for tests. */
export interface Issuer {
  readonly certificatePem: string
  readonly keyPem: string
}

const YEAR = 365 * 24 * 60 * 60 * 1000

/** O=Cisco Systems, CN=Cisco Manufacturing CA: the issuer of the SAST tokens in `show ctl` of CUCM. */
const MANUFACTURING_CA: readonly NameAttribute[] = [
  ['O', 'Cisco Systems'],
  ['CN', 'Cisco Manufacturing CA'],
]

/** Signed with SHA-1 and RSA, as the tokens of that time. */
function finish(draft: Draft, issuerKey: KeyObject): Uint8Array {
  return draft.finish(sign('sha1', draft.toBeSigned, issuerKey))
}

function validity() {
  return { notBefore: new Date(Date.now() - YEAR), notAfter: new Date(Date.now() + 10 * YEAR) }
}

/** Self-signed, from a key pair of the caller. */
export function issueManufacturingCa(publicKey: KeyObject, privateKey: KeyObject): Issuer {
  const draft = draftCertificate({
    publicKey,
    subject: MANUFACTURING_CA,
    issuer: MANUFACTURING_CA,
    serial: Uint8Array.of(1),
    digest: 'sha1',
    use: 'authority',
    ...validity(),
  })
  return {
    certificatePem: new X509Certificate(finish(draft, privateKey)).toString(),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/**
 * A certificate as SAST tokens have it: subject CN, OU=IPCBU, O=Cisco Systems, a serial number of ten
 * bytes. `commonName` is taken as it is, trailing blanks included. Returns DER.
 */
export function issueSastCertificate(publicKey: KeyObject, commonName: string, issuer: Issuer): Uint8Array {
  const draft = draftCertificate({
    publicKey,
    subject: [
      ['O', 'Cisco Systems'],
      ['OU', 'IPCBU'],
      ['CN', commonName],
    ],
    issuer: MANUFACTURING_CA,
    serial: tenByteSerial(),
    digest: 'sha1',
    use: 'signer',
    ...validity(),
  })
  return finish(draft, createPrivateKey(issuer.keyPem))
}

/** The first byte is 0x31, so it is positive and has no leading zero. */
function tenByteSerial(): Uint8Array {
  return Uint8Array.of(0x31, ...randomBytes(9))
}
