import { describeKey } from '../certificate/certificate.js'
import type { CertificateParts } from '../certificate/certificate-parts.js'
import type { CheckedRecord } from './check-records.js'
import { type Finding, finding } from './verdict.js'

/** Ends within so many days: time enough to plan, short enough to matter. */
const SOON_DAYS = 90
const DAY = 24 * 60 * 60 * 1000

/** Time, key and signature hash of a record's certificate. */
export function certificateFindings({ certificate, number }: CheckedRecord, at: Date | undefined): Finding[] {
  if (certificate === undefined) return []
  return [
    ...(at === undefined ? [] : validityFindings(certificate, number, at)),
    ...keyFindings(certificate, number),
    ...hashFindings(certificate, number),
  ]
}

function validityFindings({ notBefore, notAfter }: CertificateParts, record: number, at: Date): Finding[] {
  if (notAfter < at) {
    return [finding('CERTIFICATE_EXPIRED', `The certificate expired on ${day(notAfter)}.`, { record })]
  }
  if (notBefore > at) {
    return [finding('CERTIFICATE_NOT_YET_VALID', `The certificate begins on ${day(notBefore)}.`, { record })]
  }
  if (notAfter.getTime() - at.getTime() < SOON_DAYS * DAY) {
    return [finding('CERTIFICATE_EXPIRES_SOON', `The certificate ends on ${day(notAfter)}.`, { record })]
  }
  return []
}

const day = (date: Date): string => date.toISOString().slice(0, 10)

function keyFindings(certificate: CertificateParts, record: number): Finding[] {
  const key = describeKey(certificate)
  if (key.type === 'other') {
    return [finding('KEY_KIND_UNUSUAL', `The key is of the kind ${key.name}.`, { record })]
  }
  if (key.type !== 'rsa' || key.bits >= 2048) return []
  const code = key.bits < 1024 ? 'KEY_BREAKABLE' : 'KEY_SHORT'
  return [finding(code, `The key is RSA of ${key.bits} bits.`, { record })]
}

// RFC 8017 A.2.4, RFC 3279 §2.2, OIW 1.3.14.3.2
const brokenHashes: ReadonlyMap<string, string> = new Map([
  ['1.2.840.113549.1.1.2', 'MD2'],
  ['1.2.840.113549.1.1.3', 'MD4'],
  ['1.2.840.113549.1.1.4', 'MD5'],
  ['1.3.14.3.2.3', 'MD5'],
])
const sha1: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.1.5',
  '1.2.840.10040.4.3',
  '1.2.840.10045.4.1',
  '1.3.14.3.2.29',
])

function hashFindings({ signatureAlgorithm }: CertificateParts, record: number): Finding[] {
  const broken = brokenHashes.get(signatureAlgorithm)
  if (broken !== undefined) {
    return [finding('CERTIFICATE_HASH_BROKEN', `The certificate is signed with ${broken}.`, { record })]
  }
  if (!sha1.has(signatureAlgorithm)) return []
  return [finding('CERTIFICATE_HASH_OLD', 'The certificate is signed with SHA-1.', { record })]
}
