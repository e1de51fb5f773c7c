import type { NewKey, NewTokenCertificate, Provisioner, ProvisioningPort } from '../provisioning.js'
import type { ModuleSettings, SignAlgorithm } from '../token.js'
import type { HostProcess } from './host-process.js'
import { ModuleHosts } from './module-hosts.js'
import { patienceFor } from './reader-patience.js'

/** Making a key of 4096 bits takes an eToken minutes: milliseconds. */
const MAKE_KEY_DEADLINE = 600_000

/** A provisioning host per job: it opens one token, does what is asked, and ends. */
export function openProvisioner(settings: ModuleSettings): Provisioner {
  const hosts = new ModuleHosts(settings, () => undefined)
  return {
    close: () => hosts.close(),
    async open(serial) {
      const host = await hosts.start('provision', serial)
      try {
        await host.request('open', { serial }, settings.deadline)
      } catch (error) {
        await host.end()
        throw error
      }
      return new ProvisioningClient(host, settings.deadline)
    },
  }
}

class ProvisioningClient implements ProvisioningPort {
  readonly #host: HostProcess
  readonly #deadline: number

  constructor(host: HostProcess, deadline: number) {
    this.#host = host
    this.#deadline = deadline
  }

  async login(pin: string, { finalTry }: { readonly finalTry: boolean }): Promise<void> {
    await this.#host.request('login', { pin, finalTry }, patienceFor(pin, this.#deadline))
  }

  async makeKey(key: NewKey): Promise<{ publicKey: Uint8Array }> {
    return { publicKey: await this.#host.request('makeKey', key, MAKE_KEY_DEADLINE) }
  }

  async findKey(publicKey: Uint8Array): Promise<string | undefined> {
    return (await this.#host.request('findKey', { publicKey }, this.#deadline)) ?? undefined
  }

  sign(keyId: string, algorithm: SignAlgorithm, message: Uint8Array): Promise<Uint8Array> {
    return this.#host.request('sign', { keyId, algorithm, message }, this.#deadline)
  }

  async writeCertificate(certificate: NewTokenCertificate): Promise<void> {
    await this.#host.request('writeCertificate', certificate, this.#deadline)
  }

  async removeKey(keyId: string): Promise<void> {
    await this.#host.request('removeKey', { keyId }, this.#deadline)
  }

  async close(): Promise<void> {
    await this.#host.request('logout', null, this.#deadline).catch(() => undefined)
    await this.#host.end()
  }
}
