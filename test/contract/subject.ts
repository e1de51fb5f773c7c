import type { ModuleSettings } from '../../drivers/token.js'

/** A PKCS#11 library with a token of ours, as the contract wants it. */
export interface Subject {
  /** Heading of its column in docs/tokens.md. */
  readonly name: string
  readonly settings: ModuleSettings
  /** Of both tokens. */
  readonly pin: string
  /** The token is plugged in at first. */
  plug(): Promise<void>
  unplug(): Promise<void>
  /** Adds another token, where there is room for one with a serial of its own. */
  plugSecond?(): Promise<void>
  close(): Promise<void>
}
