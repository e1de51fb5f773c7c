import { createHash, createPrivateKey, type KeyObject, randomBytes, sign } from 'node:crypto'
import forge from 'node-forge'

/** A certificate authority that looks like Cisco's, made up for tests. */
export interface Issuer {
  readonly certificatePem: string
  readonly keyPem: string
}

type Name = forge.pki.CertificateField[]

const YEAR = 365 * 24 * 60 * 60 * 1000

/** O=Cisco Systems, CN=Cisco Manufacturing CA: the issuer of the SAST tokens in `show ctl` of CUCM. */
const MANUFACTURING_CA: Name = [field('O', 'Cisco Systems'), field('CN', 'Cisco Manufacturing CA')]

function field(shortName: string, value: string): forge.pki.CertificateField {
  return { shortName, value }
}

/** Self-signed, from a key pair of the caller. */
export function issueManufacturingCa(publicKey: KeyObject, privateKey: KeyObject): Issuer {
  const extensions = [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  ]
  const draft = draftCertificate(publicKey, MANUFACTURING_CA, MANUFACTURING_CA, '01', extensions)
  const der = signCertificate(draft, publicKey, privateKey)
  return {
    certificatePem: toPem(der),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/**
 * A certificate as SAST tokens have it: subject CN, OU=IPCBU, O=Cisco Systems, a serial number of ten
 * bytes. `commonName` is taken as it is, trailing blanks included. Returns DER.
 */
export function issueSastCertificate(publicKey: KeyObject, commonName: string, issuer: Issuer): Uint8Array {
  const ca = forge.pki.certificateFromPem(issuer.certificatePem)
  const subject = [field('O', 'Cisco Systems'), field('OU', 'IPCBU'), field('CN', commonName)]
  const extensions = [{ name: 'keyUsage', digitalSignature: true, nonRepudiation: true, critical: true }]
  const draft = draftCertificate(publicKey, subject, ca.subject.attributes, tenByteSerial(), extensions)
  return signCertificate(draft, publicKey, createPrivateKey(issuer.keyPem))
}

/** DER of what PKCS#11 wants beside the certificate. Not by node-forge's reader, which knows no EC keys. */
export function readCertificateNames(certificate: Uint8Array): {
  subject: Uint8Array
  issuer: Uint8Array
  serial: Uint8Array
} {
  const whole = forge.asn1.fromDer(Buffer.from(certificate).toString('latin1'))
  const [toBeSigned] = whole.value as forge.asn1.Asn1[]
  const fields = toBeSigned?.value as forge.asn1.Asn1[]
  return { subject: fieldDer(fields[5]), issuer: fieldDer(fields[3]), serial: fieldDer(fields[1]) }
}

function fieldDer(field: forge.asn1.Asn1 | undefined): Uint8Array {
  if (field === undefined) throw new Error('The certificate is not complete.')
  return new Uint8Array(Buffer.from(forge.asn1.toDer(field).getBytes(), 'latin1'))
}

/** Hex. The first byte is 0x31, so it is positive and has no leading zero. */
function tenByteSerial(): string {
  return `31${randomBytes(9).toString('hex')}`
}

function draftCertificate(
  publicKey: KeyObject,
  subject: Name,
  issuer: Name,
  serial: string,
  extensions: object[],
): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate()
  // node-forge has no EC keys: any RSA key holds the place that `signCertificate` fills.
  certificate.publicKey = forge.pki.setRsaPublicKey(
    new forge.jsbn.BigInteger('3'),
    new forge.jsbn.BigInteger('3'),
  )
  certificate.serialNumber = serial
  certificate.validity.notBefore = new Date(Date.now() - YEAR)
  certificate.validity.notAfter = new Date(Date.now() + 10 * YEAR)
  certificate.setSubject(subject)
  certificate.setIssuer(issuer)
  const keyIdentifier = createHash('sha1').update(spki(publicKey)).digest('hex')
  certificate.setExtensions([
    ...extensions,
    { name: 'subjectKeyIdentifier', subjectKeyIdentifier: keyIdentifier },
  ])
  return certificate
}

/** Puts the real key into the draft and signs it with SHA-1 and RSA, as the tokens of that time. */
function signCertificate(
  draft: forge.pki.Certificate,
  publicKey: KeyObject,
  issuerKey: KeyObject,
): Uint8Array {
  const sha1WithRsa = forge.pki.oids.sha1WithRSAEncryption ?? ''
  draft.signatureOid = sha1WithRsa
  draft.siginfo.algorithmOid = sha1WithRsa
  const [toBeSigned] = forge.pki.certificateToAsn1(draft).value as [forge.asn1.Asn1]
  const fields = toBeSigned.value as forge.asn1.Asn1[]
  // RFC 5280 §4.1: version, serial, signature, issuer, validity, subject, subjectPublicKeyInfo.
  fields[6] = forge.asn1.fromDer(spki(publicKey).toString('latin1'))
  const der = Buffer.from(forge.asn1.toDer(toBeSigned).getBytes(), 'latin1')
  const signature = sign('sha1', der, issuerKey)
  const algorithm = fields[2] as forge.asn1.Asn1
  const whole = sequence([toBeSigned, algorithm, bitString(signature)])
  return new Uint8Array(Buffer.from(forge.asn1.toDer(whole).getBytes(), 'latin1'))
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}

function sequence(value: forge.asn1.Asn1[]): forge.asn1.Asn1 {
  return forge.asn1.create(forge.asn1.Class.UNIVERSAL, forge.asn1.Type.SEQUENCE, true, value)
}

function bitString(bytes: Buffer): forge.asn1.Asn1 {
  const noUnusedBits = `\0${bytes.toString('latin1')}`
  return forge.asn1.create(forge.asn1.Class.UNIVERSAL, forge.asn1.Type.BITSTRING, false, noUnusedBits)
}

function toPem(der: Uint8Array): string {
  const base64 = Buffer.from(der)
    .toString('base64')
    .replaceAll(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`
}
