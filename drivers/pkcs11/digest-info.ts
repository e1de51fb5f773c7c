import { createHash } from 'node:crypto'
import type { SignAlgorithm } from '../token.js'

/** The DER in front of the digest, RFC 8017 §9.2 note 1. */
const PREFIXES: Readonly<Record<SignAlgorithm, string>> = {
  'rsa-sha1': '3021300906052b0e03021a05000414',
  'rsa-sha256': '3031300d060960864801650304020105000420',
  'rsa-sha512': '3051300d060960864801650304020305000440',
}

const HASHES: Readonly<Record<SignAlgorithm, string>> = {
  'rsa-sha1': 'sha1',
  'rsa-sha256': 'sha256',
  'rsa-sha512': 'sha512',
}

/** The DigestInfo that CKM_RSA_PKCS pads and signs. */
export function digestInfo(algorithm: SignAlgorithm, message: Uint8Array): Buffer {
  const digest = createHash(HASHES[algorithm]).update(message).digest()
  return Buffer.concat([Buffer.from(PREFIXES[algorithm], 'hex'), digest])
}
