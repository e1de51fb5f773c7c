import forge from 'node-forge'
import { CtlError } from '../ctl/ctl-error.js'
import type { DistinguishedName, NameAttribute } from './distinguished-name.js'

declare module 'node-forge' {
  namespace asn1 {
    // @types/node-forge 1.3.14 knows the older form of the second argument only.
    function fromDer(
      bytes: string,
      options: { strict: boolean; parseAllBytes: boolean; decodeBitStrings: boolean },
    ): Asn1
  }
}

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

type Node = forge.asn1.Asn1

/**
 * Reads DER. forge's own certificate type knows RSA only, so its ASN.1 reader is used and X.509 is read here.
 * Throws CTL_CERTIFICATE_NOT_DER, also for bytes after the certificate.
 */
export function readCertificateParts(der: Uint8Array): CertificateParts {
  try {
    return takeApart(der)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unreadable'
    throw new CtlError('CTL_CERTIFICATE_NOT_DER', `This is no DER certificate: ${reason}`)
  }
}

function takeApart(der: Uint8Array): CertificateParts {
  const text = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('latin1')
  const certificate = forge.asn1.fromDer(text, readingOptions)
  const [body, signedWith, signature] = sequence(certificate, 3)
  const fields = sequence(body)
  const versioned = fields[0]?.tagClass === forge.asn1.Class.CONTEXT_SPECIFIC
  const [serial, , issuer, validity, subject, keyInfo] = fields.slice(versioned ? 1 : 0)
  const [notBefore, notAfter] = sequence(validity, 2)
  const [algorithm, key] = sequence(keyInfo, 2)
  return {
    der,
    serialBytes: toBytes(primitive(serial, forge.asn1.Type.INTEGER)),
    issuerName: readName(issuer),
    subjectName: readName(subject),
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    publicKeyInfo: encoded(keyInfo),
    keyAlgorithm: algorithmOid(algorithm),
    publicKey: bitString(key),
    signatureAlgorithm: algorithmOid(signedWith),
    signature: bitString(signature),
  }
}

// Bit strings stay bytes: a signature may look like ASN.1.
const readingOptions = { strict: true, parseAllBytes: true, decodeBitStrings: false }

function sequence(node: Node | undefined, length?: number): Node[] {
  const isSequence = node?.type === forge.asn1.Type.SEQUENCE && Array.isArray(node.value)
  if (!isSequence || (length !== undefined && node.value.length !== length)) {
    throw new Error('a sequence of X.509 is not where it should be.')
  }
  return node.value as Node[]
}

function primitive(node: Node | undefined, type: forge.asn1.Type): string {
  if (node?.type === type && typeof node.value === 'string' && node.value.length > 0) return node.value
  throw new Error('a value of X.509 is not where it should be.')
}

/** AlgorithmIdentifier, RFC 5280 §4.1.1.2. */
function algorithmOid(node: Node | undefined): string {
  return forge.asn1.derToOid(primitive(sequence(node)[0], forge.asn1.Type.OID))
}

/** The bytes of a BIT STRING, which must fill whole bytes. */
function bitString(node: Node | undefined): Uint8Array {
  const value = primitive(node, forge.asn1.Type.BITSTRING)
  if (value.charCodeAt(0) !== 0) throw new Error('a bit string does not end at a byte.')
  return toBytes(value.slice(1))
}

function readTime(node: Node | undefined): Date {
  const isShort = node?.type === forge.asn1.Type.UTCTIME
  const text = primitive(node, isShort ? forge.asn1.Type.UTCTIME : forge.asn1.Type.GENERALIZEDTIME)
  const date = isShort ? forge.asn1.utcTimeToDate(text) : forge.asn1.generalizedTimeToDate(text)
  if (Number.isNaN(date.getTime())) throw new Error('a time cannot be read.')
  return date
}

function readName(node: Node | undefined): DistinguishedName {
  return sequence(node).map((relative) => {
    if (relative.type !== forge.asn1.Type.SET || !Array.isArray(relative.value)) {
      throw new Error('a name is not made of sets.')
    }
    return relative.value.map(readAttribute)
  })
}

function readAttribute(node: Node): NameAttribute {
  const [type, value] = sequence(node, 2)
  if (value === undefined || typeof value.value !== 'string') throw new Error('a name holds no text.')
  return {
    type: forge.asn1.derToOid(primitive(type, forge.asn1.Type.OID)),
    value: readText(value.type, value.value),
    encoded: encoded(value),
  }
}

/** RFC 5280 §4.1.2.4: the five string types of a name. */
function readText(type: forge.asn1.Type, value: string): string {
  const bytes = Buffer.from(value, 'latin1')
  if (type === forge.asn1.Type.UTF8) return bytes.toString('utf8')
  if (type === forge.asn1.Type.BMPSTRING && bytes.length % 2 === 0) return bytes.swap16().toString('utf16le')
  return value
}

function encoded(node: Node | undefined): Uint8Array {
  if (node === undefined) throw new Error('a part of X.509 is missing.')
  return toBytes(forge.asn1.toDer(node).getBytes())
}

function toBytes(value: string): Uint8Array {
  return Uint8Array.from(Buffer.from(value, 'latin1'))
}
