import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { CtlError } from '../../ctl/ctl-error.js'
import { type CertificateParts, readCertificateParts } from './certificate-parts.js'
import { rfc4514Name } from './distinguished-name.js'

export type CertificateKey =
  | { readonly type: 'rsa'; readonly bits: number }
  | { readonly type: 'ec'; readonly curve: string }
  | { readonly type: 'other'; readonly name: string }

/** A certificate with everything that people and programs are shown of it. */
export interface Certificate extends CertificateParts {
  /** Lower-case hex over the DER. */
  readonly sha1: string
  readonly sha256: string
  /** RFC 4514. */
  readonly subject: string
  /** RFC 4514. */
  readonly issuer: string
  /** Lower-case hex of the DER integer's content. */
  readonly serial: string
  readonly key: CertificateKey
  readonly keyObject: KeyObject
}

/** Reads DER. Throws CTL_CERTIFICATE_NOT_DER, also for a key that OpenSSL cannot read. */
export function readCertificate(der: Uint8Array): Certificate {
  const parts = readCertificateParts(der)
  const keyObject = readKey(parts)
  if (keyObject === undefined) {
    throw new CtlError('CTL_CERTIFICATE_NOT_DER', "The certificate's key cannot be read.")
  }
  return { ...parts, ...identityOf(parts), key: describeKeyObject(keyObject), keyObject }
}

/** Hashes, names and serial of a certificate. */
export function identityOf(
  parts: CertificateParts,
): Pick<Certificate, 'sha1' | 'sha256' | 'subject' | 'issuer' | 'serial'> {
  return {
    sha1: createHash('sha1').update(parts.der).digest('hex'),
    sha256: createHash('sha256').update(parts.der).digest('hex'),
    subject: rfc4514Name(parts.subjectName),
    issuer: rfc4514Name(parts.issuerName),
    serial: Buffer.from(parts.serialBytes).toString('hex'),
  }
}

/** The certificate's key, or undefined when OpenSSL does not know its kind. */
export function readKey(parts: CertificateParts): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(parts.publicKeyInfo), format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

/** Kind and size of the key; one that OpenSSL does not know is named by its OID. */
export function describeKey(parts: CertificateParts): CertificateKey {
  const keyObject = readKey(parts)
  return keyObject === undefined ? { type: 'other', name: parts.keyAlgorithm } : describeKeyObject(keyObject)
}

function describeKeyObject(keyObject: KeyObject): CertificateKey {
  const details = keyObject.asymmetricKeyDetails
  if (keyObject.asymmetricKeyType === 'rsa' && details?.modulusLength !== undefined) {
    return { type: 'rsa', bits: details.modulusLength }
  }
  if (keyObject.asymmetricKeyType === 'ec') return { type: 'ec', curve: details?.namedCurve ?? 'unnamed' }
  return { type: 'other', name: keyObject.asymmetricKeyType ?? 'unknown' }
}
