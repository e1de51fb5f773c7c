import { existsSync } from 'node:fs'
import { findP11Kit } from '../known-modules.js'
import { type ModuleSettings, TokenError, type TokenErrorPlace } from '../token.js'
import { HostProcess } from './host-process.js'
import type { HostRole } from './messages.js'
import { openRemoteProcess, type RemoteProcess } from './remote-process.js'

/** The hosts of one module, and with `remote` the process of p11-kit behind each. */
export class ModuleHosts {
  readonly #settings: ModuleSettings
  readonly #onDeath: () => void
  readonly #hosts = new Set<HostProcess>()
  readonly #remotes = new Set<RemoteProcess>()
  #closed = false

  /** `onDeath` hears of every host that ended although nobody wanted it to, but not of wait hosts. */
  constructor(settings: ModuleSettings, onDeath: () => void) {
    this.#settings = settings
    this.#onDeath = onDeath
  }

  /** A host with the library loaded. Rejects with MODULE_… errors or DEADLINE_EXCEEDED. */
  async start(role: HostRole, serial?: string): Promise<HostProcess> {
    const place = this.placeOf(serial)
    this.#refuseClosed(place)
    if (this.#settings.remote) return await this.#startRemote(role, place)
    const host = this.#fork(role, place, {})
    await this.#load(host, this.#settings.path)
    return host
  }

  placeOf(serial?: string): TokenErrorPlace {
    return { module: this.#settings.name, ...(serial !== undefined && { token: serial }) }
  }

  /** Ends every process; none starts afterwards. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#hosts].map((host) => host.end()))
    await Promise.all([...this.#remotes].map((remote) => remote.close()))
  }

  #refuseClosed(place: TokenErrorPlace): void {
    if (!this.#closed) return
    throw new TokenError('MODULE_FAILED', `The module ${this.#settings.name} is closed.`, place)
  }

  #fork(role: HostRole, place: TokenErrorPlace, added: Readonly<Record<string, string>>): HostProcess {
    const environment = { ...this.#settings.environment, ...added }
    const host = new HostProcess({ role, environment, place })
    // The wait host is a convenience: without it scans find the same, later.
    if (role !== 'wait') host.onExit(this.#onDeath)
    this.#hosts.add(host)
    host.exited.then(() => this.#hosts.delete(host))
    return host
  }

  async #load(host: HostProcess, path: string): Promise<void> {
    try {
      await host.request('load', { path }, this.#settings.deadline)
    } catch (error) {
      await host.end()
      throw error
    }
  }

  async #startRemote(role: HostRole, place: TokenErrorPlace): Promise<HostProcess> {
    const { remote: program, client } = this.#p11Kit(place)
    const { path: library, environment } = this.#settings
    const remote = await openRemoteProcess({ program, library, environment })
    this.#remotes.add(remote)
    const close = () => remote.close().then(() => this.#remotes.delete(remote))
    try {
      this.#refuseClosed(place)
      const host = this.#fork(role, place, { P11_KIT_SERVER_ADDRESS: remote.address })
      host.exited.then(close)
      await this.#load(host, client)
      remote.onDeath((how) => host.fail(how))
      return host
    } catch (error) {
      await close()
      throw error
    }
  }

  #p11Kit(place: TokenErrorPlace): { readonly remote: string; readonly client: string } {
    const { path } = this.#settings
    const found = findP11Kit()
    if ('missing' in found) {
      const detail = `The library is to be loaded by p11-kit, of which ${found.missing} is missing: install the packages p11-kit and p11-kit-modules.`
      throw new TokenError('MODULE_NOT_LOADABLE', detail, { ...place, reached: 'no' })
    }
    if (existsSync(path)) return found
    const detail = `The library cannot be loaded: there is no file ${path}.`
    throw new TokenError('MODULE_NOT_LOADABLE', detail, { ...place, reached: 'no' })
  }
}
