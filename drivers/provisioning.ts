/**
 * The port for putting keys and certificates onto a token that is not Cisco's. Apart from signing on
 * purpose: it needs read-write sessions, and it runs in a process of its own that ends with the job.
 * Nothing secret goes onto a token or leaves it: keys are made on it.
 */
import type { SignAlgorithm } from './token.js'

export interface NewKey {
  /** CKA_ID as hex. Refused with KEY_EXISTS when a key of the token has it. */
  readonly keyId: string
  readonly label: string
  readonly bits: 1024 | 2048 | 4096
}

export interface NewTokenCertificate {
  /** CKA_ID of its key, hex. */
  readonly keyId: string
  readonly label: string
  readonly der: Uint8Array
  /** As they stand in the certificate, DER: PKCS#11 wants them beside it. */
  readonly subject: Uint8Array
  readonly issuer: Uint8Array
  readonly serial: Uint8Array
}

export interface ProvisioningPort {
  /** As `TokenPort.login`: one try at most. */
  login(pin: string, options: { readonly finalTry: boolean }): Promise<void>
  /** Makes an RSA key pair on the token: private, sensitive, not extractable, for signing. SPKI, DER. */
  makeKey(key: NewKey): Promise<{ readonly publicKey: Uint8Array }>
  /** CKA_ID of the token's private key for this public key (SPKI, DER), or undefined. */
  findKey(publicKey: Uint8Array): Promise<string | undefined>
  sign(keyId: string, algorithm: SignAlgorithm, message: Uint8Array): Promise<Uint8Array>
  writeCertificate(certificate: NewTokenCertificate): Promise<void>
  /** The way back when a later step failed: removes the key pair that `makeKey` made in this process. */
  removeKey(keyId: string): Promise<void>
  /** Logs out and ends the process. Never rejects. */
  close(): Promise<void>
}

export interface Provisioner {
  open(serial: string): Promise<ProvisioningPort>
  /** Ends every process, whatever job is under way. */
  close(): Promise<void>
}
