import { type ModulePort, type SignAlgorithm, TokenError, type TokenPort } from '../../drivers/token.js'
import { BridgeError } from '../bridge-error.js'
import type { Caller, Principal } from '../principal.js'
import type { AuditLog, NewAuditEntry } from '../store/audit-log.js'
import { audited, auditedUse, codeOf } from '../store/audited.js'
import type { TokenMemory } from '../store/token-memory.js'
import { isSignatureOf } from './check-signature.js'
import { type Clock, systemClock } from './clock.js'
import type { ReadCertificate } from './known-certificate.js'
import { LeaseError } from './lease-error.js'
import { Leases, type LeaseTerms, leaseTerms } from './leases.js'
import type { AdmittedPin, PinGuard } from './pin-guard.js'
import type { OnTokenEvent, TokenEvent } from './token-event.js'
import { type KnownToken, TokenInventory } from './token-inventory.js'
import type { CertificateView, ModuleView, TokenState, TokenView } from './token-view.js'
import { usableCertificate } from './usable-certificate.js'

/** Milliseconds a signature may take. An old eToken takes one or two seconds for RSA-2048. */
const SIGN_DEADLINE = 20_000

export interface TokensOptions {
  /** In the order of the configuration. Closed by `close`. */
  readonly modules: readonly ModulePort[]
  readonly readCertificate: ReadCertificate
  readonly audit: AuditLog
  readonly memory: TokenMemory
  readonly guard: PinGuard
  readonly onEvent: OnTokenEvent
  /** Called when a token could not be remembered. */
  readonly onForgotten?: (error: unknown) => void
  readonly clock?: Clock
  /** Milliseconds. */
  readonly signDeadline?: number
}

export interface UnlockRequest {
  /** Empty where it is typed on the reader. */
  readonly pin: string
  /** 1 to 3600, default 300. */
  readonly seconds?: number
  /** 1 to 1000, default 10. */
  readonly uses?: number
  /** Try the PIN although one wrong try would lock the token for ever. Default false. */
  readonly finalTry?: boolean
  /** Send the PIN although it failed on this token before. Default false. */
  readonly repeatPin?: boolean
}

export interface ChangePinRequest {
  readonly pin: string
  readonly newPin: string
  /** As in `UnlockRequest`. */
  readonly repeatPin?: boolean
}

/** A token that is plugged in, and the module that serves it. */
interface PluggedToken extends KnownToken {
  readonly module: ModulePort
}

export interface TokenSignature {
  /** Checked with the certificate's key. */
  readonly signature: Uint8Array
  readonly certificate: CertificateView
}

export interface ProvisionRequest {
  readonly pin: string
  /** As in UnlockRequest. */
  readonly repeatPin?: boolean
  /** For the audit log. */
  readonly facts: NewAuditEntry['facts']
}

/** What people do with tokens. Rejects with TokenError, LeaseError, PIN_…, or the store's errors. */
export class Tokens {
  readonly #inventory: TokenInventory
  readonly #leases: Leases
  readonly #audit: AuditLog
  readonly #guard: PinGuard
  readonly #onEvent: OnTokenEvent
  readonly #signDeadline: number
  /** What each port logged in with: the port may be asked for the PIN again before a signature. */
  readonly #admitted = new WeakMap<TokenPort, AdmittedPin>()
  readonly #readerRefuses = new Set<string>()

  constructor(options: TokensOptions) {
    const {
      modules,
      readCertificate,
      audit,
      memory,
      onForgotten = () => undefined,
      clock = systemClock,
      signDeadline = SIGN_DEADLINE,
    } = options
    this.#audit = audit
    this.#guard = options.guard
    this.#onEvent = options.onEvent
    this.#signDeadline = signDeadline
    const onEvent = (event: TokenEvent) => this.#heed(event)
    this.#inventory = new TokenInventory({ modules, readCertificate, memory, onForgotten, onEvent })
    this.#leases = new Leases({
      clock,
      onEvent: options.onEvent,
      onChange: (serial) => this.#tellChanged(serial),
    })
  }

  /** Recalls what is remembered. Resolves when every module was looked at once. */
  async start(): Promise<void> {
    await this.#guard.start()
    await this.#inventory.start()
  }

  /** Locks every token and ends every process. */
  async close(): Promise<void> {
    await this.#leases.endAll('daemon-stops')
    await this.#inventory.close()
  }

  /** Looks at every module, those too that are parked. */
  async rescan(): Promise<void> {
    await this.#inventory.rescan(undefined, true)
  }

  modules(): readonly ModuleView[] {
    return this.#inventory.modules()
  }

  /** By label, then serial: a module's own order changes with every look. */
  list(): readonly TokenView[] {
    const views = this.#inventory.list().map((token) => this.#view(token))
    return views.sort((a, b) => a.label.localeCompare(b.label, 'en') || (a.serial < b.serial ? -1 : 1))
  }

  /** Throws TOKEN_UNKNOWN for a serial never seen. */
  get(serial: string): TokenView {
    return this.#view(this.#known(serial))
  }

  /**
   * Gives the caller a lease. Makes one try with the PIN at most; every try is in the audit log
   * before it is made. A caller who holds the lease already ends it by this, so the PIN is checked.
   */
  async unlock(caller: Caller, serial: string, request: UnlockRequest): Promise<TokenView> {
    const { module } = this.#plugged(serial)
    const terms = leaseTerms(serial, request)
    const { pin, finalTry = false, repeatPin = false } = request
    const { principal } = caller
    const use = auditedUse(caller, 'token.unlock', { token: serial, ...terms, finalTry, repeatPin })
    await this.#leases.unlocking(serial, principal, async () => {
      let port: TokenPort | undefined
      const login = async () => {
        const admitted = await this.#guard.admit(caller, serial, pin, repeatPin)
        await this.#leases.end(serial, 'unlocked-anew')
        port = await this.#login(module, serial, admitted, pin, finalTry)
        return port
      }
      const unlocked = await audited(this.#audit, use, login).catch(async (error: unknown) => {
        await port?.logout()
        throw error
      })
      await this.#hand(unlocked, principal, terms)
    })
    return this.get(serial)
  }

  /**
   * Changes the PIN, with one try of the old one at most. A lease of the caller's ends. Once it is
   * done, PINs that failed before are possible again. When it was interrupted either PIN may hold.
   */
  async changePin(caller: Caller, serial: string, request: ChangePinRequest): Promise<TokenView> {
    const { module } = this.#plugged(serial)
    const { pin, newPin, repeatPin = false } = request
    if ((pin === '') !== (newPin === '')) {
      const detail = 'Both PINs are given, or both are typed on the reader.'
      throw new TokenError('PIN_LENGTH', detail, { token: serial, reached: 'no' })
    }
    const use = auditedUse(caller, 'token.pin', { token: serial, repeatPin })
    let changed = false
    const change = async () => {
      const admitted = await this.#guard.admit(caller, serial, pin, repeatPin)
      await this.#leases.end(serial, 'pin-change')
      const port = await module.open(serial)
      const send = async () => {
        await port.changePin(pin, newPin)
        changed = true
      }
      await admitted.attempt(send, 'every-pin').finally(() => port.logout())
    }
    await this.#leases
      .unlocking(serial, caller.principal, () => audited(this.#audit, use, change))
      .catch((error: unknown) => {
        if (!changed) throw error
        const detail = `The PIN of the token ${serial} was changed; that could not be recorded.`
        throw new BridgeError('AUDIT_NOT_WRITABLE', detail, { token: serial })
      })
    await this.#inventory.rescan(module.name)
    return this.get(serial)
  }

  /**
   * Runs a job with a login of its own: alone on the token, with one try of the PIN at most, in the
   * audit log before and after. A lease of the caller's ends. `job` gets the module's name and the
   * function that its login must be sent through.
   */
  async provision<T>(
    caller: Caller,
    serial: string,
    { pin, repeatPin = false, facts }: ProvisionRequest,
    job: (module: string, send: (login: () => Promise<void>) => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const { module } = this.#plugged(serial)
    const use = auditedUse(caller, 'token.provision', { ...facts, token: serial, repeatPin })
    const work = async () => {
      const admitted = await this.#guard.admit(caller, serial, pin, repeatPin)
      await this.#leases.end(serial, 'provisioning')
      return await job(module.name, (login) => admitted.attempt(login, 'this-pin'))
    }
    try {
      return await this.#leases.unlocking(serial, caller.principal, () => audited(this.#audit, use, work))
    } finally {
      await this.#inventory.rescan(module.name)
    }
  }

  /**
   * Takes a token that is not plugged in off the list, with its certificates. Tries of its PIN stay on record: it may
   * come back. Rejects with TOKEN_PRESENT.
   */
  async forget(caller: Caller, serial: string): Promise<void> {
    const { present, snapshot } = this.#known(serial)
    if (present) {
      throw new BridgeError('TOKEN_PRESENT', `The token ${serial} is plugged in.`, { token: serial })
    }
    const use = auditedUse(caller, 'token.forget', { token: serial, label: snapshot.label })
    await audited(this.#audit, use, () => this.#inventory.forget(serial))
  }

  /** Locks the token. Somebody else's only with the scope `operate` or `admin`. */
  async lock(caller: Caller, serial: string): Promise<TokenView> {
    this.#known(serial)
    const lease = this.#leases.view(serial)
    if (lease === null) return this.get(serial)
    const { principal } = caller
    const mayLockAny = principal.scopes.some((scope) => scope === 'operate' || scope === 'admin')
    if (lease.keyId !== principal.keyId && !mayLockAny) {
      const { holder } = lease
      throw new LeaseError('TOKEN_IN_USE', `The token ${serial} is in use by ${holder}.`, {
        token: serial,
        holder,
      })
    }
    const use = auditedUse(caller, 'token.lock', { token: serial, holder: lease.holder })
    // Locking is the safe direction: it does not wait for the audit log, it only fails with it.
    const locked = this.#leases.end(serial, 'asked')
    await audited(this.#audit, use, () => locked)
    return this.get(serial)
  }

  /**
   * Signs `message` with the key of this certificate and checks the signature before anybody sees it;
   * a wrong one locks the token.
   */
  async sign(
    caller: Caller,
    serial: string,
    certificateSha256: string,
    algorithm: SignAlgorithm,
    message: Uint8Array,
  ): Promise<TokenSignature> {
    const { view, publicKey } = usableCertificate(this.#plugged(serial), certificateSha256)
    return await this.#leases.use(serial, caller.principal, async (port) => {
      const signature = await this.#signOn(port, view.keyId, algorithm, message)
      if (publicKey !== undefined && isSignatureOf(publicKey, algorithm, message, signature)) {
        return { signature, certificate: view }
      }
      await this.#leases.endOf(port, 'signature-wrong')
      const detail = `The token ${serial} gave a signature that does not fit its certificate.`
      throw new TokenError('SIGNATURE_WRONG', detail, { token: serial })
    })
  }

  /** A port that is logged in, or nothing that is left running. */
  async #login(
    module: ModulePort,
    serial: string,
    admitted: AdmittedPin,
    pin: string,
    finalTry: boolean,
  ): Promise<TokenPort> {
    const port = await module.open(serial)
    try {
      await admitted.attempt(() => port.login(pin, { finalTry }), 'this-pin')
      this.#admitted.set(port, admitted)
      if (pin === '') this.#readerRefuses.delete(serial)
      return port
    } catch (error) {
      if (pin === '' && codeOf(error) === 'PIN_REFUSED') this.#readerRefuses.add(serial)
      await port.logout()
      throw error
    } finally {
      // A try changes the PIN flags.
      void this.#inventory.rescan(module.name)
    }
  }

  /** Grants the lease, unless the token went away since the login. */
  async #hand(port: TokenPort, principal: Principal, terms: LeaseTerms): Promise<void> {
    const { serial } = port
    this.#leases.grant(serial, principal, terms, port)
    let gone: TokenError | undefined
    port.onGone((why) => {
      gone = why
      void this.#leases.endOf(port, why.code === 'TOKEN_REMOVED' ? 'token-removed' : 'host-ended')
      void this.#inventory.rescan()
    })
    if (gone !== undefined) throw gone
    if (this.#inventory.find(serial)?.present === true) return
    await this.#leases.endOf(port, 'token-removed')
    throw notPlugged(serial)
  }

  async #signOn(
    port: TokenPort,
    keyId: string,
    algorithm: SignAlgorithm,
    message: Uint8Array,
  ): Promise<Uint8Array> {
    try {
      return await port.sign(keyId, algorithm, message, { deadline: this.#signDeadline })
    } catch (error) {
      // Another program may have logged the token out.
      if (codeOf(error) === 'TOKEN_LOCKED') await this.#leases.endOf(port, 'login-lost')
      if (error instanceof TokenError && error.code.startsWith('PIN_')) await this.#loseLogin(port, error)
      throw error
    }
  }

  /** A key that asks for the PIN before every signature was refused it: a try, and the end of the login. */
  async #loseLogin(port: TokenPort, why: TokenError): Promise<void> {
    await this.#leases.endOf(port, 'pin-refused')
    // The refusal is what the caller has to know, also when it cannot be recorded.
    await this.#admitted
      .get(port)
      ?.attempt(() => Promise.reject(why), 'none')
      .catch(() => undefined)
    void this.#inventory.rescan()
  }

  #heed(event: TokenEvent): void {
    this.#onEvent(event)
    if (event.type === 'token.removed') void this.#leases.end(event.data.serial, 'token-removed')
  }

  #tellChanged(serial: string): void {
    const token = this.#inventory.find(serial)
    if (token === undefined) return
    this.#onEvent({ type: 'token.changed', data: { serial, module: token.moduleName } })
  }

  #known(serial: string): KnownToken {
    const token = this.#inventory.find(serial)
    if (token !== undefined) return token
    throw new TokenError('TOKEN_UNKNOWN', `No module has shown a token ${serial}.`, { token: serial })
  }

  #plugged(serial: string): PluggedToken {
    const token = this.#known(serial)
    const { module } = token
    if (token.present && module !== undefined) return { ...token, module }
    throw notPlugged(serial)
  }

  #view(token: KnownToken): TokenView {
    const { snapshot, certificates, moduleName, shadowed, present, fault } = token
    const { fault: _, ...seen } = snapshot
    const lease = this.#leases.view(snapshot.serial)
    const state = stateOf(token, lease !== null, this.#leases.isSigning(snapshot.serial))
    return {
      ...seen,
      module: moduleName,
      shadowed,
      state,
      wrongTries: this.#guard.wrongTries(snapshot.serial),
      readerRefuses: this.#readerRefuses.has(snapshot.serial),
      ...(present && fault !== undefined && { fault }),
      lease,
      certificates: certificates.map(({ view }) => view),
    }
  }
}

function stateOf({ present, snapshot, fault }: KnownToken, unlocked: boolean, signing: boolean): TokenState {
  if (!present) return 'absent'
  if (snapshot.pin.locked) return 'locked-out'
  if (signing) return 'signing'
  if (unlocked) return 'ready'
  return fault === undefined ? 'present' : 'faulty'
}

function notPlugged(serial: string): TokenError {
  return new TokenError('TOKEN_REMOVED', `The token ${serial} is not plugged in.`, {
    token: serial,
    reached: 'no',
  })
}
