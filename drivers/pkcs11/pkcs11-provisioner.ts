import type { NewKey, NewTokenCertificate, Provisioner, ProvisioningPort } from '../provisioning.js'
import type { ModuleSettings, SignAlgorithm } from '../token.js'
import { HostProcess } from './host-process.js'

/** Making a key of 4096 bits takes an eToken minutes: milliseconds. */
const MAKE_KEY_DEADLINE = 600_000

/** A provisioning host per job: it opens one token, does what is asked, and ends. */
export function openProvisioner(settings: ModuleSettings): Provisioner {
  return {
    async open(serial) {
      const place = { module: settings.name, token: serial }
      const host = new HostProcess({ role: 'provision', environment: settings.environment, place })
      try {
        await host.request('load', { path: settings.path }, settings.deadline)
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
    await this.#host.request('login', { pin, finalTry }, this.#deadline)
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
