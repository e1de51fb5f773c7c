import { TokenError, type TokenPort } from '../../drivers/token.js'
import type { Principal } from '../principal.js'
import type { Clock } from './clock.js'
import { LeaseError } from './lease-error.js'
import type { LockReason, OnTokenEvent } from './token-event.js'
import type { LeaseView } from './token-view.js'

export const DEFAULT_SECONDS = 300
export const MAX_SECONDS = 3600
/** One file is one signature; ten lets a person repeat a step or two without the PIN. */
export const DEFAULT_USES = 10
export const MAX_USES = 1000

export interface LeaseTerms {
  readonly seconds: number
  readonly uses: number
}

interface Lease {
  readonly serial: string
  readonly principal: Principal
  readonly port: TokenPort
  /** Milliseconds since 1970. */
  readonly until: number
  readonly cancelTimer: () => void
  usesLeft: number
  /** Signatures under way. */
  signing: number
}

export interface LeasesOptions {
  readonly clock: Clock
  readonly onEvent: OnTokenEvent
  /** Called when the uses left or the signing state of a token changed. */
  readonly onChange: (serial: string) => void
}

/** Refuses terms outside the limits and fills in what is not given. */
export function leaseTerms(serial: string, asked: { seconds?: number; uses?: number }): LeaseTerms {
  const { seconds = DEFAULT_SECONDS, uses = DEFAULT_USES } = asked
  const within = (value: number, most: number) => Number.isInteger(value) && value >= 1 && value <= most
  if (!within(seconds, MAX_SECONDS) || !within(uses, MAX_USES)) {
    const detail = `A lease lasts 1 to ${MAX_SECONDS} seconds and 1 to ${MAX_USES} uses.`
    throw new LeaseError('LEASE_LIMITS', detail, { token: serial })
  }
  return { seconds, uses }
}

/** Who may use which unlocked token, how long and how often. The end of a lease locks the token. */
export class Leases {
  readonly #clock: Clock
  readonly #onEvent: OnTokenEvent
  readonly #onChange: (serial: string) => void
  readonly #leases = new Map<string, Lease>()
  readonly #unlocking = new Set<string>()
  readonly #ending = new Map<string, Promise<void>>()

  constructor({ clock, onEvent, onChange }: LeasesOptions) {
    this.#clock = clock
    this.#onEvent = onEvent
    this.#onChange = onChange
  }

  view(serial: string): LeaseView | null {
    const lease = this.#leases.get(serial)
    return lease === undefined ? null : viewOf(lease)
  }

  isSigning(serial: string): boolean {
    return (this.#leases.get(serial)?.signing ?? 0) > 0
  }

  /**
   * Keeps everybody else away from the token while `unlock` runs, so that two PINs are never on their
   * way to it. TOKEN_IN_USE when another principal holds it or an unlock is under way.
   */
  async unlocking<T>(serial: string, principal: Principal, unlock: () => Promise<T>): Promise<T> {
    if (this.#unlocking.has(serial)) {
      throw new LeaseError('TOKEN_IN_USE', `The token ${serial} is being unlocked.`, { token: serial })
    }
    this.#refuseOthers(serial, principal)
    this.#unlocking.add(serial)
    try {
      return await unlock()
    } finally {
      this.#unlocking.delete(serial)
    }
  }

  /** From now on `port`, which is logged in, belongs to `principal`. */
  grant(serial: string, principal: Principal, { seconds, uses }: LeaseTerms, port: TokenPort): void {
    const cancelTimer = this.#clock.after(seconds * 1000, () => this.#expire(lease))
    const until = this.#clock.now() + seconds * 1000
    const lease: Lease = { serial, principal, port, until, cancelTimer, usesLeft: uses, signing: 0 }
    this.#leases.set(serial, lease)
    const { keyId: _, ...data } = viewOf(lease)
    this.#onEvent({ type: 'token.unlocked', data: { serial, ...data } })
  }

  /**
   * Spends one use on `work`, whatever becomes of it. TOKEN_LOCKED without a lease, TOKEN_IN_USE when
   * it is somebody else's. A lease that runs out meanwhile lets work end that has begun.
   */
  async use<T>(serial: string, principal: Principal, work: (port: TokenPort) => Promise<T>): Promise<T> {
    const lease = this.#leaseOf(serial, principal)
    lease.usesLeft -= 1
    lease.signing += 1
    this.#onChange(serial)
    try {
      return await work(lease.port)
    } finally {
      lease.signing -= 1
      await this.#afterUse(lease)
    }
  }

  /** Ends the lease, if there is one, and resolves when the token is locked. Never rejects. */
  async end(serial: string, why: LockReason): Promise<void> {
    const lease = this.#leases.get(serial)
    if (lease !== undefined) this.#end(lease, why)
    await this.#ending.get(serial)
  }

  /** As `end`, but only when the lease runs on this very port. */
  async endOf(port: TokenPort, why: LockReason): Promise<void> {
    if (this.#leases.get(port.serial)?.port === port) await this.end(port.serial, why)
  }

  async endAll(why: LockReason): Promise<void> {
    const serials = new Set([...this.#leases.keys(), ...this.#ending.keys()])
    await Promise.all([...serials].map((serial) => this.end(serial, why)))
  }

  #refuseOthers(serial: string, principal: Principal): void {
    const lease = this.#leases.get(serial)
    if (lease === undefined || lease.principal.keyId === principal.keyId) return
    const holder = lease.principal.name
    throw new LeaseError('TOKEN_IN_USE', `The token ${serial} is in use by ${holder}.`, {
      token: serial,
      holder,
    })
  }

  #leaseOf(serial: string, principal: Principal): Lease {
    this.#refuseOthers(serial, principal)
    const lease = this.#leases.get(serial)
    // A machine that slept wakes up before its timers ring.
    if (lease !== undefined && this.#clock.now() >= lease.until) this.#expire(lease)
    else if (lease !== undefined && lease.usesLeft > 0) return lease
    throw new TokenError('TOKEN_LOCKED', `The token ${serial} is not unlocked.`, { token: serial })
  }

  async #afterUse(lease: Lease): Promise<void> {
    if (this.#leases.get(lease.serial) !== lease) return
    if (lease.usesLeft === 0 && lease.signing === 0) await this.end(lease.serial, 'uses-spent')
    else this.#onChange(lease.serial)
  }

  #expire(lease: Lease): void {
    if (this.#leases.get(lease.serial) === lease) this.#end(lease, 'expired')
  }

  #end({ serial, principal, port, cancelTimer }: Lease, why: LockReason): void {
    cancelTimer()
    this.#leases.delete(serial)
    const locked = port.logout().finally(() => {
      if (this.#ending.get(serial) === locked) this.#ending.delete(serial)
    })
    this.#ending.set(serial, locked)
    this.#onEvent({ type: 'token.locked', data: { serial, holder: principal.name, why } })
  }
}

function viewOf({ principal, until, usesLeft }: Lease): LeaseView {
  return {
    holder: principal.name,
    keyId: principal.keyId,
    until: new Date(until).toISOString(),
    usesLeft,
  }
}
