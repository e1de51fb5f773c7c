import { createHash, type KeyObject } from 'node:crypto'
import type { TokenCertificate } from '../../drivers/token.js'
import type { CertificateView } from './token-view.js'

/** What a reader of certificates tells. */
export interface CertificateFacts {
  /** Lower-case hex. */
  readonly sha1: string
  readonly sha256: string
  readonly subject: string
  readonly issuer: string
  readonly serial: string
  readonly notBefore: Date
  readonly notAfter: Date
  readonly key:
    | { readonly type: 'rsa'; readonly bits: number }
    | { readonly type: 'ec'; readonly curve: string }
    | { readonly type: 'other'; readonly name: string }
  readonly keyObject: KeyObject
}

/** Throws when the bytes are no certificate. */
export type ReadCertificate = (der: Uint8Array) => CertificateFacts

/** A certificate's view, and the key that checks its signatures. */
export interface KnownCertificate {
  readonly view: CertificateView
  readonly publicKey: KeyObject | undefined
}

/** CTL header, tag 11: the format has codes for these moduli and 512 bits, which nobody should use. */
const SIGNER_BITS: readonly number[] = [1024, 2048, 4096]

const RSA_MECHANISMS = ['CKM_RSA_PKCS', 'CKM_SHA1_RSA_PKCS', 'CKM_SHA256_RSA_PKCS', 'CKM_SHA512_RSA_PKCS']

/** A certificate that cannot be read is known all the same, with the reason why it may not sign. */
export function knowCertificate(
  certificate: TokenCertificate,
  mechanisms: readonly string[],
  readCertificate: ReadCertificate,
): KnownCertificate {
  const facts = attempt(() => readCertificate(certificate.der))
  if (facts === undefined) return { view: unreadable(certificate), publicKey: undefined }
  const whyNot = whyMayNotSign(certificate, facts, mechanisms)
  const view: CertificateView = {
    ...certificate,
    sha256: facts.sha256,
    sha1: facts.sha1,
    subject: facts.subject,
    issuer: facts.issuer,
    serial: facts.serial,
    notBefore: facts.notBefore.toISOString(),
    notAfter: facts.notAfter.toISOString(),
    key: facts.key,
    maySign: whyNot === undefined,
    ...(whyNot !== undefined && { whyNot }),
  }
  return { view, publicKey: facts.keyObject }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function unreadable(certificate: TokenCertificate): CertificateView {
  const hex = (hash: string) => createHash(hash).update(certificate.der).digest('hex')
  return {
    ...certificate,
    sha256: hex('sha256'),
    sha1: hex('sha1'),
    subject: null,
    issuer: null,
    serial: null,
    notBefore: null,
    notAfter: null,
    key: null,
    maySign: false,
    whyNot: 'the certificate cannot be read',
  }
}

function whyMayNotSign(
  { keyId }: TokenCertificate,
  { key }: CertificateFacts,
  mechanisms: readonly string[],
): string | undefined {
  if (key.type === 'ec') return `its key is an EC key (${key.curve}), and a CTL is signed with RSA`
  if (key.type === 'other') return `its key is a ${key.name} key, and a CTL is signed with RSA`
  if (!SIGNER_BITS.includes(key.bits)) {
    return `its key has ${key.bits} bits, and a CTL can be signed with 1024, 2048 or 4096`
  }
  if (keyId === '') return 'no key id pairs it with a private key'
  const able = RSA_MECHANISMS.some((mechanism) => mechanisms.includes(mechanism))
  return able ? undefined : 'the token offers no mechanism for RSA signatures'
}
