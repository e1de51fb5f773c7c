import { type KeyObject, verify } from 'node:crypto'
import type { SignAlgorithm } from '../../drivers/token.js'

const HASHES: Readonly<Record<SignAlgorithm, string>> = {
  'rsa-sha1': 'sha1',
  'rsa-sha256': 'sha256',
  'rsa-sha512': 'sha512',
}

/**
 * Whether the signature is that of the certificate's key. A module shares Node's own OpenSSL and the
 * process with native code, so no signature is believed unchecked.
 */
export function isSignatureOf(
  publicKey: KeyObject,
  algorithm: SignAlgorithm,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return verify(HASHES[algorithm], message, publicKey, signature)
  } catch {
    return false
  }
}
