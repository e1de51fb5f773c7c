import type { KeyObject } from 'node:crypto'
import { createHash } from 'node:crypto'
import forge from 'node-forge'
import { CtlError } from '../../ctl/ctl-error.js'

/** RFC 5280 §4.1.2.4, in the order of the certificate: `['O', 'Cisco Systems']`. */
export type NameAttribute = readonly [type: 'C' | 'ST' | 'L' | 'O' | 'OU' | 'CN', value: string]

export interface NewCertificate {
  readonly publicKey: KeyObject
  readonly subject: readonly NameAttribute[]
  readonly issuer: readonly NameAttribute[]
  /** Positive, without a leading zero byte. */
  readonly serial: Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
  readonly digest: 'sha1' | 'sha256'
  readonly use: 'authority' | 'signer' | 'server'
}

/** What the issuer's key signs with PKCS#1 v1.5 and the digest, and the whole once it has signed. */
export interface Draft {
  readonly toBeSigned: Uint8Array
  /** DER. */
  finish(signature: Uint8Array): Uint8Array
}

const signatureAlgorithms = { sha1: 'sha1WithRSAEncryption', sha256: 'sha256WithRSAEncryption' } as const

const extensionsOf = {
  authority: [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  ],
  signer: [{ name: 'keyUsage', digitalSignature: true, nonRepudiation: true, critical: true }],
  // Self-signed and for TLS in both directions, as CUCM's services have them.
  server: [
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, keyCertSign: true },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
  ],
} as const

/** An X.509 certificate (RFC 5280) for a key that may live on a token: nothing here holds a private key. */
export function draftCertificate(request: NewCertificate): Draft {
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = placeholderKey()
  certificate.serialNumber = Buffer.from(request.serial).toString('hex')
  certificate.validity.notBefore = request.notBefore
  certificate.validity.notAfter = request.notAfter
  certificate.setSubject(attributesOf(request.subject))
  certificate.setIssuer(attributesOf(request.issuer))
  const keyIdentifier = createHash('sha1').update(spki(request.publicKey)).digest('hex')
  certificate.setExtensions([
    ...extensionsOf[request.use],
    { name: 'subjectKeyIdentifier', subjectKeyIdentifier: keyIdentifier },
  ])
  const oid = forge.pki.oids[signatureAlgorithms[request.digest]] ?? ''
  certificate.signatureOid = oid
  certificate.siginfo.algorithmOid = oid
  const [toBeSigned] = forge.pki.certificateToAsn1(certificate).value as [forge.asn1.Asn1]
  // RFC 5280 §4.1: version, serial, signature, issuer, validity, subject, subjectPublicKeyInfo.
  return finishing(toBeSigned, 6, request.publicKey, oid)
}

/** A certificate signing request (RFC 2986) for a certificate authority of one's own. */
export function draftCertificateRequest(request: {
  readonly publicKey: KeyObject
  readonly subject: readonly NameAttribute[]
  readonly digest: 'sha1' | 'sha256'
}): Draft {
  const draft = forge.pki.createCertificationRequest()
  draft.publicKey = placeholderKey()
  draft.setSubject(attributesOf(request.subject))
  const oid = forge.pki.oids[signatureAlgorithms[request.digest]] ?? ''
  draft.signatureOid = oid
  draft.siginfo.algorithmOid = oid
  const [toBeSigned] = forge.pki.certificationRequestToAsn1(draft).value as [forge.asn1.Asn1]
  // RFC 2986 §4.1: version, subject, subjectPKInfo, attributes.
  return finishing(toBeSigned, 2, request.publicKey, oid)
}

/** node-forge reads no EC keys: any RSA key holds the place that the real one takes. */
function placeholderKey(): forge.pki.rsa.PublicKey {
  const three = new forge.jsbn.BigInteger('3')
  return forge.pki.setRsaPublicKey(three, three)
}

const attributesOf = (name: readonly NameAttribute[]): forge.pki.CertificateField[] =>
  name.map(([shortName, value]) => ({ shortName, value }))

function finishing(toBeSigned: forge.asn1.Asn1, keyAt: number, publicKey: KeyObject, oid: string): Draft {
  const fields = toBeSigned.value as forge.asn1.Asn1[]
  fields[keyAt] = forge.asn1.fromDer(spki(publicKey).toString('latin1'))
  return {
    toBeSigned: derOf(toBeSigned),
    finish: (signature) => derOf(sequence([toBeSigned, algorithm(oid), bitString(signature)])),
  }
}

function algorithm(oid: string): forge.asn1.Asn1 {
  const { Class, Type } = forge.asn1
  return sequence([
    forge.asn1.create(Class.UNIVERSAL, Type.OID, false, forge.asn1.oidToDer(oid).getBytes()),
    forge.asn1.create(Class.UNIVERSAL, Type.NULL, false, ''),
  ])
}

function sequence(value: forge.asn1.Asn1[]): forge.asn1.Asn1 {
  return forge.asn1.create(forge.asn1.Class.UNIVERSAL, forge.asn1.Type.SEQUENCE, true, value)
}

function bitString(bytes: Uint8Array): forge.asn1.Asn1 {
  const noUnusedBits = `\0${Buffer.from(bytes).toString('latin1')}`
  return forge.asn1.create(forge.asn1.Class.UNIVERSAL, forge.asn1.Type.BITSTRING, false, noUnusedBits)
}

function derOf(value: forge.asn1.Asn1): Uint8Array {
  return new Uint8Array(Buffer.from(forge.asn1.toDer(value).getBytes(), 'latin1'))
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}

/** DER of what PKCS#11 wants beside the certificate. Not by node-forge's reader, which knows no EC keys. */
export function certificateNames(certificate: Uint8Array): {
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
  if (field === undefined) throw new CtlError('CTL_CERTIFICATE_NOT_DER', 'The certificate is not complete.')
  return new Uint8Array(Buffer.from(forge.asn1.toDer(field).getBytes(), 'latin1'))
}
