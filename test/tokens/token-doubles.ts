import { createHash, createPublicKey, type KeyObject, sign, X509Certificate } from 'node:crypto'
import type { Caller, Scope } from '../../daemon/principal.js'
import type { AuditLog, NewAuditEntry } from '../../daemon/store/audit-log.js'
import type { Clock } from '../../daemon/tokens/clock.js'
import type { CertificateFacts } from '../../daemon/tokens/known-certificate.js'
import {
  type ModulePort,
  type ModuleSnapshot,
  type SignAlgorithm,
  TokenError,
  type TokenKey,
  type TokenPort,
  type TokenSnapshot,
} from '../../drivers/token.js'
import { newIssuer } from '../../softhsm/manufacturing-ca.js'
import { newRsaKey } from '../../softhsm/new-key.js'
import { type Issuer, issueSastCertificate } from '../../softhsm/sast-certificate.js'

export const PIN = 'a PIN nobody else has'

export function callerNamed(name: string, scopes: readonly Scope[] = ['sign']): Caller {
  return { principal: { keyId: `key-${name}`, name, scopes }, requestId: `request-of-${name}` }
}

/** A key with the certificate that fits it. */
export interface Identity {
  readonly key: KeyObject
  readonly der: Uint8Array
  readonly sha256: string
}

let issuer: Promise<Issuer> | undefined

/** One certificate authority per test process: its key takes longest to make. */
export function sharedIssuer(): Promise<Issuer> {
  issuer ??= newIssuer()
  return issuer
}

export async function newIdentity(): Promise<Identity> {
  const key = await newRsaKey(1024)
  const der = issueSastCertificate(createPublicKey(key), 'SAST-ADN00000001', await sharedIssuer())
  return { key, der, sha256: createHash('sha256').update(der).digest('hex') }
}

/** Reads certificates with Node alone. */
export function readCertificate(der: Uint8Array): CertificateFacts {
  const certificate = new X509Certificate(der)
  const { publicKey } = certificate
  const { modulusLength = 0, namedCurve = '' } = publicKey.asymmetricKeyDetails ?? {}
  const hex = (hash: string) => createHash(hash).update(der).digest('hex')
  return {
    sha1: hex('sha1'),
    sha256: hex('sha256'),
    subject: certificate.subject,
    issuer: certificate.issuer,
    serial: certificate.serialNumber,
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
    key:
      publicKey.asymmetricKeyType === 'rsa'
        ? { type: 'rsa', bits: modulusLength }
        : { type: 'ec', curve: namedCurve },
    keyObject: publicKey,
  }
}

export function snapshotOf(
  serial: string,
  ders: readonly Uint8Array[],
  changes: Partial<TokenSnapshot> = {},
): TokenSnapshot {
  const pin = {
    set: true,
    countLow: false,
    finalTry: false,
    locked: false,
    mustChange: false,
    onReader: false,
  }
  return {
    serial,
    label: `label of ${serial}`,
    manufacturer: 'double',
    model: 'double',
    firmware: '1.0',
    hardware: '1.0',
    slot: 'slot',
    pin: { ...pin, minLength: 4, maxLength: 255 },
    mechanisms: ['CKM_RSA_PKCS'],
    certificates: ders.map((der, index) => ({
      keyId: `0${index + 1}`,
      label: `certificate ${index + 1}`,
      der,
    })),
    ...changes,
  }
}

const HASHES = { 'rsa-sha1': 'sha1', 'rsa-sha256': 'sha256', 'rsa-sha512': 'sha512' } as const

/** A token of one key. What it does can be replaced per test. */
export class TokenDouble implements TokenPort {
  readonly serial: string
  readonly #key: KeyObject
  readonly #listeners: ((why: TokenError) => void)[] = []
  readonly logins: string[] = []
  /** Old and new PINs, in order. */
  readonly changes: [string, string][] = []
  loggedOut = false
  /** Runs in front of every login and change of PIN, and may reject. */
  onLogin: (pin: string) => Promise<void> = async () => undefined
  onSign: (message: Uint8Array, algorithm: SignAlgorithm) => Promise<Uint8Array>
  onLogout: () => Promise<void> = async () => undefined

  constructor(serial: string, key: KeyObject) {
    this.serial = serial
    this.#key = key
    this.onSign = async (message, algorithm) => sign(HASHES[algorithm], message, this.#key)
  }

  async keys(): Promise<readonly TokenKey[]> {
    return []
  }

  async login(pin: string): Promise<void> {
    this.logins.push(pin)
    await this.onLogin(pin)
  }

  async changePin(oldPin: string, newPin: string): Promise<void> {
    this.changes.push([oldPin, newPin])
    await this.onLogin(oldPin)
  }

  async logout(): Promise<void> {
    this.loggedOut = true
    await this.onLogout()
  }

  sign(_keyId: string, algorithm: SignAlgorithm, message: Uint8Array): Promise<Uint8Array> {
    return this.onSign(message, algorithm)
  }

  onGone(listener: (why: TokenError) => void): void {
    this.#listeners.push(listener)
  }

  leave(why: TokenError): void {
    for (const listener of this.#listeners.splice(0)) listener(why)
  }
}

/** A module that shows what it is told to. */
export class ModuleDouble implements ModulePort {
  readonly name: string
  tokens: readonly TokenSnapshot[] = []
  failure: TokenError | undefined
  scans = 0
  closed = false
  /** Ports given out by `open`, in order. */
  readonly opened: TokenDouble[] = []
  /** Makes the port of a serial. */
  onOpen: (serial: string) => Promise<TokenDouble>
  /** What `watch` was given. */
  hint: () => void = () => undefined
  /** Runs inside every scan. */
  onScan: () => Promise<void> = async () => undefined

  constructor(name: string, key?: KeyObject) {
    this.name = name
    this.onOpen = async (serial) => {
      if (key === undefined) throw new TokenError('TOKEN_REMOVED', 'This double opens no token.')
      return new TokenDouble(serial, key)
    }
  }

  async scan(): Promise<ModuleSnapshot> {
    this.scans += 1
    await this.onScan()
    if (this.failure !== undefined) throw this.failure
    return { library: { description: 'double', manufacturer: 'double', version: '1.0' }, tokens: this.tokens }
  }

  watch(hint: () => void): () => void {
    this.hint = hint
    return () => undefined
  }

  async open(serial: string): Promise<TokenPort> {
    const token = await this.onOpen(serial)
    this.opened.push(token)
    return token
  }

  async close(): Promise<void> {
    this.closed = true
  }
}

/** Time that passes only when told. */
export class ClockDouble implements Clock {
  #now = Date.parse('2026-01-01T00:00:00Z')
  #timers: { readonly at: number; readonly ring: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(milliseconds: number, ring: () => void): () => void {
    const timer = { at: this.#now + milliseconds, ring }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  pass(milliseconds: number): void {
    this.sleep(milliseconds)
    const due = this.#timers.filter(({ at }) => at <= this.#now)
    this.#timers = this.#timers.filter(({ at }) => at > this.#now)
    for (const { ring } of due) ring()
  }

  /** As a machine that sleeps: time passes, timers do not ring. */
  sleep(milliseconds: number): void {
    this.#now += milliseconds
  }
}

/** Keeps entries, or refuses those that `refuses` picks. */
export class AuditDouble implements AuditLog {
  readonly entries: NewAuditEntry[] = []
  refuses: (entry: NewAuditEntry) => boolean = () => false

  async append(entry: NewAuditEntry): Promise<void> {
    if (this.refuses(entry)) throw new Error('AUDIT_NOT_WRITABLE')
    this.entries.push(entry)
  }

  phases(): string[] {
    return this.entries.map(({ action, phase, outcome }) =>
      [action, phase, outcome].filter(Boolean).join(' '),
    )
  }
}

/** A promise that the test settles. */
export function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open }
}
