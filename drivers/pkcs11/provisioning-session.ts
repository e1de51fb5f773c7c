import { createPublicKey } from 'node:crypto'
import type { NewKey, NewTokenCertificate } from '../provisioning.js'
import type { SignAlgorithm } from '../token.js'
import { CKM_RSA_PKCS } from './ckm.js'
import * as p11 from './cryptoki.js'
import { digestInfo } from './digest-info.js'
import { HostError } from './host-error.js'
import { loginOnce } from './token-login.js'
import { findObjects, readAttribute } from './token-objects.js'
import { listTokenSlots } from './token-slots.js'

/** Room for a signature of 4096 bits, in bytes. */
const SIGNATURE_ROOM = 512
/** 65537, as everybody uses. */
const PUBLIC_EXPONENT = Buffer.from('010001', 'hex')

interface MadeKey {
  readonly publicKey: Buffer
  readonly privateKey: Buffer
}

/** One token in a provisioning host: a single read-write session for one job. */
export class ProvisioningSession {
  readonly #cryptoki: p11.Cryptoki
  readonly #slot: Buffer
  readonly #session: Buffer
  readonly #made = new Map<string, MadeKey>()
  #loggedIn = false

  constructor(cryptoki: p11.Cryptoki, serial: string) {
    const found = listTokenSlots(cryptoki).find((slot) => slot.serial === serial)
    if (found === undefined)
      throw new HostError('TOKEN_REMOVED', 'The module does not show this token.', 'no')
    this.#cryptoki = cryptoki
    this.#slot = found.slot
    this.#session = cryptoki.C_OpenSession(found.slot, p11.CKF_SERIAL_SESSION | p11.CKF_RW_SESSION)
  }

  login(pin: string, finalTry: boolean): void {
    if (this.#loggedIn) throw new HostError('TOKEN_FAILED', 'This host is logged in already.', 'no')
    loginOnce(this.#cryptoki, this.#slot, this.#session, { pin, finalTry })
    this.#loggedIn = true
  }

  logout(): void {
    if (this.#loggedIn) this.#cryptoki.C_Logout(this.#session)
    this.#loggedIn = false
  }

  /** SPKI, DER. */
  makeKey({ keyId, label, bits }: NewKey): Uint8Array {
    const id = Buffer.from(keyId, 'hex')
    const same = [{ type: p11.CKA_ID, value: id }]
    if (findObjects(this.#cryptoki, this.#session, same).length > 0) {
      throw new HostError('KEY_EXISTS', `The token has an object with the id ${keyId} already.`, 'no')
    }
    const common = [
      { type: p11.CKA_TOKEN, value: true },
      { type: p11.CKA_ID, value: id },
      { type: p11.CKA_LABEL, value: Buffer.from(label) },
    ]
    const made = this.#cryptoki.C_GenerateKeyPair(
      this.#session,
      { mechanism: p11.CKM_RSA_PKCS_KEY_PAIR_GEN },
      [
        ...common,
        { type: p11.CKA_MODULUS_BITS, value: bits },
        { type: p11.CKA_PUBLIC_EXPONENT, value: PUBLIC_EXPONENT },
        { type: p11.CKA_VERIFY, value: true },
      ],
      [
        ...common,
        { type: p11.CKA_PRIVATE, value: true },
        { type: p11.CKA_SENSITIVE, value: true },
        { type: p11.CKA_EXTRACTABLE, value: false },
        { type: p11.CKA_SIGN, value: true },
      ],
    )
    this.#made.set(keyId, made)
    return this.#publicKeyOf(made.publicKey)
  }

  sign(keyId: string, algorithm: SignAlgorithm, message: Uint8Array): Uint8Array {
    const key = this.#made.get(keyId)
    if (key === undefined) throw new HostError('KEY_UNUSABLE', 'This process made no such key.', 'no')
    this.#cryptoki.C_SignInit(this.#session, { mechanism: CKM_RSA_PKCS }, key.privateKey)
    const input = digestInfo(algorithm, message)
    return new Uint8Array(this.#cryptoki.C_Sign(this.#session, input, Buffer.alloc(SIGNATURE_ROOM)))
  }

  writeCertificate(certificate: NewTokenCertificate): void {
    this.#cryptoki.C_CreateObject(this.#session, [
      { type: p11.CKA_CLASS, value: p11.CKO_CERTIFICATE },
      { type: p11.CKA_CERTIFICATE_TYPE, value: p11.CKC_X_509 },
      { type: p11.CKA_TOKEN, value: true },
      { type: p11.CKA_PRIVATE, value: false },
      { type: p11.CKA_ID, value: Buffer.from(certificate.keyId, 'hex') },
      { type: p11.CKA_LABEL, value: Buffer.from(certificate.label) },
      { type: p11.CKA_SUBJECT, value: Buffer.from(certificate.subject) },
      { type: p11.CKA_ISSUER, value: Buffer.from(certificate.issuer) },
      { type: p11.CKA_SERIAL_NUMBER, value: Buffer.from(certificate.serial) },
      { type: p11.CKA_VALUE, value: Buffer.from(certificate.der) },
    ])
  }

  /** Private objects do not show before a login. */
  findKey(publicKey: Uint8Array): string | null {
    if (!this.#loggedIn) throw new HostError('TOKEN_LOCKED', 'This token is not unlocked.', 'no')
    const { n } = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' }).export({
      format: 'jwk',
    })
    const [handle] = findObjects(this.#cryptoki, this.#session, [
      { type: p11.CKA_CLASS, value: p11.CKO_PRIVATE_KEY },
      { type: p11.CKA_MODULUS, value: Buffer.from(n ?? '', 'base64url') },
    ])
    if (handle === undefined) return null
    return readAttribute(this.#cryptoki, this.#session, handle, p11.CKA_ID)?.toString('hex') ?? null
  }

  removeKey(keyId: string): void {
    const key = this.#made.get(keyId)
    if (key === undefined) return
    this.#cryptoki.C_DestroyObject(this.#session, key.privateKey)
    this.#cryptoki.C_DestroyObject(this.#session, key.publicKey)
    this.#made.delete(keyId)
  }

  #publicKeyOf(handle: Buffer): Uint8Array {
    const [modulus, exponent] = this.#cryptoki.C_GetAttributeValue(this.#session, handle, [
      { type: p11.CKA_MODULUS },
      { type: p11.CKA_PUBLIC_EXPONENT },
    ])
    const jwk = {
      kty: 'RSA',
      n: modulus?.value.toString('base64url') ?? '',
      e: exponent?.value.toString('base64url') ?? '',
    }
    const spki = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' })
    return new Uint8Array(spki)
  }
}
