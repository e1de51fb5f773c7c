import { createPublicKey, randomBytes, verify } from 'node:crypto'
import type { Provisioner, ProvisioningPort } from '../../drivers/provisioning.js'
import { TokenError } from '../../drivers/token.js'
import { BridgeError } from '../bridge-error.js'
import type { Caller } from '../principal.js'
import { readCertificate } from '../trust/certificate/certificate.js'
import { readCertificateParts } from '../trust/certificate/certificate-parts.js'
import {
  certificateNames,
  type Draft,
  draftCertificate,
  draftCertificateRequest,
  type NameAttribute,
} from '../trust/certificate/issue-certificate.js'
import { isCiscoSast } from '../trust/certificate/sast-names.js'
import type { TokenView } from './token-view.js'
import type { Tokens } from './tokens.js'

export interface NewTokenKeyRequest {
  readonly pin: string
  readonly finalTry?: boolean
  readonly repeatPin?: boolean
  readonly bits: 1024 | 2048 | 4096
  readonly label: string
  readonly commonName: string
  readonly organization?: string | undefined
  readonly organizationalUnit?: string | undefined
  /** How long a self-signed certificate is valid. */
  readonly days: number
  /** A self-signed certificate onto the token, or a request for an authority of one's own. */
  readonly want: 'self-signed' | 'request'
}

export interface NewTokenKey {
  readonly token: TokenView
  /** CKA_ID, hex. */
  readonly keyId: string
  /** DER of the certificate or of the request. */
  readonly der: Uint8Array
}

export interface IssuedCertificateRequest {
  readonly pin: string
  readonly finalTry?: boolean
  readonly repeatPin?: boolean
  readonly certificate: Uint8Array
}

export interface TokenProvisioningOptions {
  readonly tokens: Tokens
  /** By the name of the module. */
  readonly provisioners: ReadonlyMap<string, Provisioner>
  readonly now: () => Date
}

const DAY = 86_400_000

/** Puts keys and certificates onto tokens that Cisco did not make. Cisco's own are refused. */
export class TokenProvisioning {
  readonly #tokens: Tokens
  readonly #provisioners: ReadonlyMap<string, Provisioner>
  readonly #now: () => Date

  constructor({ tokens, provisioners, now }: TokenProvisioningOptions) {
    this.#tokens = tokens
    this.#provisioners = provisioners
    this.#now = now
  }

  /**
   * Makes an RSA key on the token and a certificate or a request for it. When a step after the key
   * fails the key is removed again. What the token signed is checked before it is used.
   */
  async makeKey(caller: Caller, serial: string, request: NewTokenKeyRequest): Promise<NewTokenKey> {
    this.#refuseCisco(serial)
    const keyId = randomBytes(8).toString('hex')
    const facts = { keyId, bits: request.bits, commonName: request.commonName, want: request.want }
    const der = await this.#job(caller, serial, request, facts, async (port) => {
      const { publicKey } = await port.makeKey({ keyId, label: request.label, bits: request.bits })
      try {
        // The request is told once; without it nobody could ever get a certificate for the key.
        if (request.want === 'request' && caller.hasLeft?.()) {
          throw new BridgeError('CLIENT_LEFT', 'The client left before it got the request.', {
            token: serial,
          })
        }
        const der = await signedDraft(port, keyId, publicKey, this.#draft(publicKey, request))
        if (request.want === 'self-signed') await writeCertificate(port, keyId, request.label, der)
        return der
      } catch (error) {
        await port.removeKey(keyId).catch(() => undefined)
        throw error
      }
    })
    return { token: this.#tokens.get(serial), keyId, der }
  }

  /** Writes a certificate that an authority issued for a key of the token. KEY_UNUSABLE without such a key, CERTIFICATE_EXISTS for one that is there. */
  async writeCertificate(
    caller: Caller,
    serial: string,
    request: IssuedCertificateRequest,
  ): Promise<TokenView> {
    this.#refuseCisco(serial)
    const { sha256, keyObject, subject } = readCertificate(request.certificate)
    this.#refuseCopy(serial, sha256)
    const publicKey = new Uint8Array(keyObject.export({ type: 'spki', format: 'der' }))
    await this.#job(caller, serial, request, { certificate: sha256 }, async (port) => {
      const keyId = await port.findKey(publicKey)
      if (keyId === undefined) {
        const detail = `The token ${serial} has no private key for the certificate ${subject}.`
        throw new TokenError('KEY_UNUSABLE', detail, { token: serial })
      }
      await writeCertificate(port, keyId, subject.slice(0, 64), request.certificate)
    })
    return this.#tokens.get(serial)
  }

  async #job<T>(
    caller: Caller,
    serial: string,
    { pin, finalTry = false, repeatPin = false }: Pick<NewTokenKeyRequest, 'pin' | 'finalTry' | 'repeatPin'>,
    facts: Readonly<Record<string, string | number>>,
    work: (port: ProvisioningPort) => Promise<T>,
  ): Promise<T> {
    return await this.#tokens.provision(caller, serial, { pin, repeatPin, facts }, async (module, send) => {
      const provisioner = this.#provisioners.get(module)
      if (provisioner === undefined) {
        throw new TokenError('MODULE_FAILED', `The module ${module} cannot provision.`, {
          module,
          token: serial,
        })
      }
      const port = await provisioner.open(serial)
      try {
        await send(() => port.login(pin, { finalTry }))
        return await work(port)
      } finally {
        await port.close()
      }
    })
  }

  /** Two copies are two certificates to choose from, with one digest to name them by. */
  #refuseCopy(serial: string, sha256: string): void {
    if (!this.#tokens.get(serial).certificates.some((held) => held.sha256 === sha256)) return
    throw new BridgeError('CERTIFICATE_EXISTS', `The token ${serial} holds this certificate.`, {
      token: serial,
      certificate: sha256,
    })
  }

  #refuseCisco(serial: string): void {
    const { certificates } = this.#tokens.get(serial)
    const isCisco = certificates.some(({ der, key }) => {
      if (key === null) return false
      const { subjectName, issuerName } = readCertificateParts(der)
      return isCiscoSast(subjectName, issuerName)
    })
    if (!isCisco) return
    const detail = `The token ${serial} holds a certificate of Cisco's; nothing is written onto it.`
    throw new TokenError('TOKEN_NOT_OURS', detail, { token: serial, reached: 'no' })
  }

  #draft(publicKey: Uint8Array, request: NewTokenKeyRequest): Draft {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
    const subject = nameOf(request)
    if (request.want === 'request')
      return draftCertificateRequest({ publicKey: key, subject, digest: 'sha256' })
    const now = this.#now().getTime()
    return draftCertificate({
      publicKey: key,
      subject,
      issuer: subject,
      serial: newSerial(),
      // Clocks differ: a phone whose clock is behind must not find it not yet valid.
      notBefore: new Date(now - DAY),
      notAfter: new Date(now + request.days * DAY),
      digest: 'sha256',
      use: 'signer',
    })
  }
}

function nameOf({
  organization,
  organizationalUnit,
  commonName,
}: NewTokenKeyRequest): readonly NameAttribute[] {
  return [
    ...(organization === undefined ? [] : [['O', organization] as const]),
    ...(organizationalUnit === undefined ? [] : [['OU', organizationalUnit] as const]),
    ['CN', commonName],
  ]
}

/** RFC 5280 §4.1.2.2: positive, at most 20 bytes. Ten as on Cisco's tokens, without a leading zero. */
function newSerial(): Uint8Array {
  const bytes = randomBytes(10)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes
}

async function signedDraft(
  port: ProvisioningPort,
  keyId: string,
  publicKey: Uint8Array,
  draft: Draft,
): Promise<Uint8Array> {
  const signature = await port.sign(keyId, 'rsa-sha256', draft.toBeSigned)
  const key = { key: Buffer.from(publicKey), format: 'der', type: 'spki' } as const
  if (!verify('sha256', draft.toBeSigned, key, signature)) {
    throw new TokenError('SIGNATURE_WRONG', 'The new key gave a signature that does not fit it.')
  }
  return draft.finish(signature)
}

async function writeCertificate(
  port: ProvisioningPort,
  keyId: string,
  label: string,
  der: Uint8Array,
): Promise<void> {
  await port.writeCertificate({ keyId, label, der, ...certificateNames(der) })
}
