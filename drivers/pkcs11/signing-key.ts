import { X509Certificate } from 'node:crypto'
import type { TokenCertificate, TokenKey } from '../token.js'
import * as p11 from './cryptoki.js'
import { findObjects, readAttribute, readCertificates } from './token-objects.js'

/** A private key object with its verdict. */
export interface SigningKey extends TokenKey {
  readonly handle: Buffer
  /** CKA_ALWAYS_AUTHENTICATE: the PIN is asked for before every signature. */
  readonly alwaysAsks: boolean
}

/** The private keys that the session shows, each with the reason why it may not sign, if any. */
export function readSigningKeys(cryptoki: p11.Cryptoki, session: Buffer): SigningKey[] {
  const certificates = readCertificates(cryptoki, session)
  const handles = findObjects(cryptoki, session, [{ type: p11.CKA_CLASS, value: p11.CKO_PRIVATE_KEY }])
  return handles.map((handle) => {
    const read = (type: number) => readAttribute(cryptoki, session, handle, type)
    const keyId = read(p11.CKA_ID)?.toString('hex') ?? ''
    const ofKey = certificates.filter((certificate) => certificate.keyId === keyId)
    const modulus = stripZeros(read(p11.CKA_MODULUS))
    return {
      handle,
      keyId,
      label: read(p11.CKA_LABEL)?.toString('utf8') ?? '',
      modulusBits: modulus && bitLength(modulus),
      whyNot: whyNotKey(read, modulus) ?? whyNotCertificate(modulus, ofKey),
      alwaysAsks: alwaysAsks(cryptoki, session, handle),
    }
  })
}

/** Reads nothing more than it takes: this is asked right after every login. */
export function someKeyAlwaysAsks(cryptoki: p11.Cryptoki, session: Buffer): boolean {
  const handles = findObjects(cryptoki, session, [{ type: p11.CKA_CLASS, value: p11.CKO_PRIVATE_KEY }])
  return handles.some((handle) => alwaysAsks(cryptoki, session, handle))
}

function alwaysAsks(cryptoki: p11.Cryptoki, session: Buffer, key: Buffer): boolean {
  return readAttribute(cryptoki, session, key, p11.CKA_ALWAYS_AUTHENTICATE)?.[0] === 1
}

function whyNotKey(
  read: (type: number) => Buffer | undefined,
  modulus: Buffer | undefined,
): string | undefined {
  // CK_ULONG, little-endian on every platform that eToken, OpenSC or SoftHSM exist for.
  const keyType = read(p11.CKA_KEY_TYPE)?.readUInt32LE(0)
  if (keyType !== p11.CKK_RSA) return 'the private key is not an RSA key'
  if (read(p11.CKA_SIGN)?.[0] !== 1) return 'the private key is not marked for signing'
  return modulus === undefined ? 'the private key does not show its modulus' : undefined
}

function whyNotCertificate(
  modulus: Buffer | undefined,
  certificates: readonly TokenCertificate[],
): string | undefined {
  if (certificates.length === 0) return 'the token has no certificate for this private key'
  const moduli = certificates.map(({ der }) => certificateModulus(der))
  if (moduli.some((certified) => modulus !== undefined && certified?.equals(modulus))) return undefined
  if (moduli.includes(undefined)) return 'the certificate of this private key cannot be read'
  return 'the private key does not belong to the certificate'
}

/** Empty for a key that is not RSA, undefined for a certificate that is not DER. */
function certificateModulus(der: Uint8Array): Buffer | undefined {
  try {
    const { n } = new X509Certificate(der).publicKey.export({ format: 'jwk' })
    return Buffer.from(n ?? '', 'base64url')
  } catch {
    return undefined
  }
}

function stripZeros(integer: Buffer | undefined): Buffer | undefined {
  const start = integer?.findIndex((byte) => byte !== 0) ?? -1
  return start < 0 ? undefined : integer?.subarray(start)
}

function bitLength(integer: Buffer): number {
  return integer.length * 8 - Math.clz32(integer[0] ?? 0) + 24
}
