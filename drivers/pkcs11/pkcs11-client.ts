import {
  type ModulePort,
  type ModuleSettings,
  type ModuleSnapshot,
  TokenError,
  type TokenPort,
} from '../token.js'
import type { HostProcess } from './host-process.js'
import { ModuleHosts } from './module-hosts.js'
import { ModuleWatch } from './module-watch.js'
import { Parking } from './parking.js'
import { SlotEvents } from './slot-events.js'
import { TokenClient } from './token-client.js'
import { TokenPool } from './token-pool.js'

/** Opens nothing yet: the library is loaded by the first scan, in a process of its own. */
export function openModule(settings: ModuleSettings): ModulePort {
  return new Pkcs11Module(settings)
}

/**
 * Every scan has a fresh watch host. SoftHSM and some vendors show a new token only to a process that
 * initialises anew, a host that stays collects stale handles and crashes of others' threads, and a
 * fresh one costs some 70 ms of processor time every `rescanEvery`; so there is no second way. The
 * host that stays in C_WaitForSlotEvent only hints.
 */
class Pkcs11Module implements ModulePort {
  readonly name: string
  readonly #settings: ModuleSettings
  readonly #hosts: ModuleHosts
  readonly #parking = new Parking(() => performance.now())
  readonly #watches = new Set<ModuleWatch>()
  readonly #slotEvents: SlotEvents
  /** Whether a scan ever did. */
  #worked = false

  constructor(settings: ModuleSettings) {
    this.name = settings.name
    this.#settings = settings
    this.#hosts = new ModuleHosts(settings, () => this.#parking.died())
    this.#slotEvents = new SlotEvents({
      startHost: () => this.#hosts.start('wait'),
      onEvent: () => this.#tellWatches((watch) => watch.changed()),
      mayStart: () => !this.#parking.isParked,
    })
  }

  async scan({ evenParked = false }: { readonly evenParked?: boolean } = {}): Promise<ModuleSnapshot> {
    if (!this.#parking.mayTry(evenParked)) throw this.#parked()
    try {
      const snapshot = await this.#scanOnce()
      this.#parking.worked()
      this.#tellWatches((watch) => watch.scanned(true))
      this.#worked = true
      this.#waitForEvents()
      return snapshot
    } catch (error) {
      this.#tellWatches((watch) => watch.scanned(false))
      throw this.#parking.isParked ? this.#parked() : error
    }
  }

  watch(hint: () => void): () => void {
    const watch = new ModuleWatch(this.#settings, hint)
    this.#watches.add(watch)
    this.#waitForEvents()
    return () => {
      this.#watches.delete(watch)
      watch.stop()
    }
  }

  async open(serial: string): Promise<TokenPort> {
    if (this.#parking.isParked) throw this.#parked(serial)
    const first = await this.#openClient(serial)
    const size = this.#settings.parallel
    if (size <= 1) return first
    return new TokenPool({ first, openAnother: () => this.#openClient(serial), size })
  }

  async close(): Promise<void> {
    this.#slotEvents.stop()
    for (const watch of this.#watches) watch.stop()
    this.#watches.clear()
    await this.#hosts.close()
  }

  #waitForEvents(): void {
    const wanted = this.#settings.slotEvents && this.#watches.size > 0
    if (wanted && this.#worked && !this.#parking.isParked) this.#slotEvents.begin()
  }

  async #openClient(serial: string): Promise<TokenClient> {
    const { deadline } = this.#settings
    const host = await this.#startSignHost(serial)
    return new TokenClient({
      serial,
      host,
      deadline,
      isPresent: async () => (await this.#scanOnce()).tokens.some((token) => token.serial === serial),
      place: this.#hosts.placeOf(serial),
    })
  }

  /** Whatever the caller wants of the token was not sent yet, however far this came. */
  async #startSignHost(serial: string): Promise<HostProcess> {
    let host: HostProcess | undefined
    try {
      host = await this.#hosts.start('sign', serial)
      await host.request('open', { serial }, this.#settings.deadline)
      return host
    } catch (error) {
      await host?.end()
      if (!(error instanceof TokenError)) throw error
      throw new TokenError(error.code, error.message, { ...error.place, reached: 'no' })
    }
  }

  async #scanOnce(): Promise<ModuleSnapshot> {
    const host = await this.#hosts.start('watch')
    try {
      return await host.request('scan', null, this.#settings.deadline)
    } finally {
      await host.end()
    }
  }

  #parked(serial?: string): TokenError {
    const detail = `The module ${this.name} is parked: its processes keep dying.`
    return new TokenError('MODULE_PARKED', detail, { ...this.#hosts.placeOf(serial), reached: 'no' })
  }

  #tellWatches(tell: (watch: ModuleWatch) => void): void {
    for (const watch of this.#watches) tell(watch)
  }
}
