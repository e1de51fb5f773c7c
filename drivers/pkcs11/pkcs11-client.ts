import {
  type ModulePort,
  type ModuleSettings,
  type ModuleSnapshot,
  TokenError,
  type TokenPort,
} from '../token.js'
import { HostProcess } from './host-process.js'
import type { HostRole } from './messages.js'
import { ModuleWatch } from './module-watch.js'
import { TokenClient } from './token-client.js'

/** Opens nothing yet: the library is loaded by the first scan, in a process of its own. */
export function openModule(settings: ModuleSettings): ModulePort {
  return new Pkcs11Module(settings)
}

/**
 * Every scan has a fresh watch host. SoftHSM and some vendors show a new token only to a process that
 * initialises anew, a host that stays collects stale handles and crashes of others' threads, and a
 * fresh one costs some 70 ms of processor time every `rescanEvery`; so there is no second way.
 */
class Pkcs11Module implements ModulePort {
  readonly name: string
  readonly #settings: ModuleSettings
  readonly #hosts = new Set<HostProcess>()
  readonly #watches = new Set<ModuleWatch>()
  #closed = false

  constructor(settings: ModuleSettings) {
    this.name = settings.name
    this.#settings = settings
  }

  async scan(): Promise<ModuleSnapshot> {
    try {
      const snapshot = await this.#scanOnce()
      this.#tellWatches(true)
      return snapshot
    } catch (error) {
      this.#tellWatches(false)
      throw error
    }
  }

  watch(hint: () => void): () => void {
    const watch = new ModuleWatch(this.#settings, hint)
    this.#watches.add(watch)
    return () => {
      this.#watches.delete(watch)
      watch.stop()
    }
  }

  async open(serial: string): Promise<TokenPort> {
    const host = this.#start('sign', serial)
    try {
      await this.#load(host)
      await host.request('open', { serial }, this.#settings.deadline)
    } catch (error) {
      await host.end()
      throw error
    }
    return new TokenClient({
      serial,
      host,
      deadline: this.#settings.deadline,
      isPresent: async () => (await this.#scanOnce()).tokens.some((token) => token.serial === serial),
      removed: new TokenError('TOKEN_REMOVED', `The token ${serial} is no longer plugged in.`, {
        module: this.name,
        token: serial,
      }),
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const watch of this.#watches) watch.stop()
    this.#watches.clear()
    await Promise.all([...this.#hosts].map((host) => host.end()))
  }

  async #scanOnce(): Promise<ModuleSnapshot> {
    const host = this.#start('watch')
    try {
      await this.#load(host)
      return await host.request('scan', null, this.#settings.deadline)
    } finally {
      await host.end()
    }
  }

  async #load(host: HostProcess): Promise<void> {
    await host.request('load', { path: this.#settings.path }, this.#settings.deadline)
  }

  #start(role: HostRole, serial?: string): HostProcess {
    const place = { module: this.name, ...(serial !== undefined && { token: serial }) }
    if (this.#closed) throw new TokenError('MODULE_FAILED', `The module ${this.name} is closed.`, place)
    const host = new HostProcess({ role, environment: this.#settings.environment, place })
    this.#hosts.add(host)
    host.exited.then(() => this.#hosts.delete(host))
    return host
  }

  #tellWatches(ok: boolean): void {
    for (const watch of this.#watches) watch.scanned(ok)
  }
}
