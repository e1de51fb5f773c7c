import { CtlError } from '../../ctl/ctl-error.js'
import { type DerValue, derType, readDer, readOid, readTime } from './der.js'
import type { DistinguishedName, NameAttribute } from './distinguished-name.js'

/** A certificate taken apart (RFC 5280 §4.1), without a judgement of its key or signature. */
export interface CertificateParts {
  readonly der: Uint8Array
  /** The content of the DER integer, with the zero byte that a high bit needs. */
  readonly serialBytes: Uint8Array
  readonly issuerName: DistinguishedName
  readonly subjectName: DistinguishedName
  readonly notBefore: Date
  readonly notAfter: Date
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyInfo: Uint8Array
  /** The key's algorithm, dotted OID. */
  readonly keyAlgorithm: string
  /** The key itself: RSAPublicKey DER of PKCS#1, or the point of an EC key. */
  readonly publicKey: Uint8Array
  /** How the certificate itself is signed, dotted OID. */
  readonly signatureAlgorithm: string
  /** The signature value of the certificate itself. */
  readonly signature: Uint8Array
}

/** Reads DER. Throws CTL_CERTIFICATE_NOT_DER, also for bytes after the certificate. */
export function readCertificateParts(der: Uint8Array): CertificateParts {
  try {
    return takeApart(der)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unreadable'
    throw new CtlError('CTL_CERTIFICATE_NOT_DER', `This is no DER certificate: ${reason}`)
  }
}

function takeApart(der: Uint8Array): CertificateParts {
  const [body, signedWith, signature] = sequence(readDer(der), 3)
  const fields = sequence(body)
  const versioned = fields[0]?.identifier === derType.context0
  const [serial, , issuer, validity, subject, keyInfo] = fields.slice(versioned ? 1 : 0)
  const [notBefore, notAfter] = sequence(validity, 2)
  const [algorithm, key] = sequence(keyInfo, 2)
  return {
    der,
    serialBytes: primitive(serial, derType.integer),
    issuerName: readName(issuer),
    subjectName: readName(subject),
    notBefore: time(notBefore),
    notAfter: time(notAfter),
    publicKeyInfo: required(keyInfo).encoded,
    keyAlgorithm: algorithmOid(algorithm),
    publicKey: bitString(key),
    signatureAlgorithm: algorithmOid(signedWith),
    signature: bitString(signature),
  }
}

function sequence(value: DerValue | undefined, length?: number): readonly DerValue[] {
  const isSequence = value?.identifier === derType.sequence
  if (!isSequence || (length !== undefined && value.inside.length !== length)) {
    throw new Error('a sequence of X.509 is not where it should be.')
  }
  return value.inside
}

function primitive(value: DerValue | undefined, identifier: number): Uint8Array {
  if (value?.identifier === identifier && value.content.length > 0) return value.content
  throw new Error('a value of X.509 is not where it should be.')
}

/** AlgorithmIdentifier, RFC 5280 §4.1.1.2. */
function algorithmOid(value: DerValue | undefined): string {
  return readOid(primitive(sequence(value)[0], derType.oid))
}

/** The bytes of a BIT STRING, which must fill whole bytes. */
function bitString(value: DerValue | undefined): Uint8Array {
  const content = primitive(value, derType.bitString)
  if (content[0] !== 0) throw new Error('a bit string does not end at a byte.')
  return content.subarray(1)
}

function time(value: DerValue | undefined): Date {
  const { utcTime, generalizedTime } = derType
  const isTime = value?.identifier === utcTime || value?.identifier === generalizedTime
  if (!isTime) throw new Error('a value of X.509 is not where it should be.')
  return readTime(value)
}

function readName(value: DerValue | undefined): DistinguishedName {
  return sequence(value).map((relative) => {
    if (relative.identifier !== derType.set) throw new Error('a name is not made of sets.')
    return relative.inside.map(readAttribute)
  })
}

function readAttribute(attribute: DerValue): NameAttribute {
  const [type, value] = sequence(attribute, 2)
  if (value === undefined || value.inside.length > 0) throw new Error('a name holds no text.')
  return {
    type: readOid(primitive(type, derType.oid)),
    value: readText(value),
    encoded: value.encoded,
  }
}

/** RFC 5280 §4.1.2.4: the five string types of a name. */
function readText({ identifier, content }: DerValue): string {
  const bytes = Buffer.from(content)
  if (identifier === derType.utf8String) return bytes.toString('utf8')
  const isWide = identifier === derType.bmpString && bytes.length % 2 === 0
  return isWide ? bytes.swap16().toString('utf16le') : bytes.toString('latin1')
}

function required(value: DerValue | undefined): DerValue {
  if (value === undefined) throw new Error('a part of X.509 is missing.')
  return value
}
