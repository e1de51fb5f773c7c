/** Whether the key that a node shows is the pinned one, and what a person needs to compare it. */
import { createHash } from 'node:crypto'
import { familyOf, type HostKeyFamily } from './ssh-algorithms.js'
import { sshError } from './ssh-error.js'

export interface SeenHostKey {
  /** `ssh-rsa` */
  readonly type: string
  readonly family: HostKeyFamily | undefined
  readonly fingerprint: string
}

interface Pinned {
  readonly node: string
  readonly host: string
  readonly hostKey: string | undefined
}

/** As ssh-keygen -lf prints it: base64 of SHA-256 without padding. */
export function fingerprintOf(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

export class HostKeys {
  readonly seen: SeenHostKey[] = []
  isAccepted = false
  readonly #pinned: Pinned

  constructor(pinned: Pinned) {
    this.#pinned = pinned
  }

  /** `key` as in RFC 4253 §6.6: it begins with the name of its kind. */
  accept(key: Buffer): boolean {
    const fingerprint = fingerprintOf(key)
    const type = key.length < 4 ? '' : key.toString('latin1', 4, 4 + Math.min(key.readUInt32BE(0), 64))
    this.seen.push({ type, family: familyOf(type), fingerprint })
    this.isAccepted = fingerprint === this.#pinned.hostKey?.replace(/=+$/, '')
    return this.isAccepted
  }

  refusal(): Error {
    const { host, hostKey } = this.#pinned
    const shown = this.seen.map(({ fingerprint, type }) => `${fingerprint} (${type})`).join(', ')
    const compare = `Compare it with what ssh-keygen -lF ${host} prints on a computer that has long known the node, or with ssh-keygen -lf of the key file on the node. Nothing was sent to the node.`
    const detail =
      hostKey === undefined
        ? `The node shows ${shown}, and the settings name no host_key. ${compare}`
        : `The host key has changed: the settings have ${hostKey}, the node shows ${shown}. ${compare}`
    return sshError('NODE_HOST_KEY_UNKNOWN', this.#pinned, detail)
  }
}
