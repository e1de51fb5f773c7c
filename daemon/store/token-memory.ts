import type { TokenSnapshot } from '../../drivers/token.js'

/** A token as it was seen last. */
export interface RememberedToken {
  readonly snapshot: TokenSnapshot
  /** Name of the module that served it. It may not be configured any more. */
  readonly module: string
}

/**
 * The port of the memory of tokens: people have one port and two tokens, and a CTL names both.
 *
 * Adapter: `token-table.ts`.
 */
export interface TokenMemory {
  /** By serial. */
  all(): Promise<readonly RememberedToken[]>
  /** Keeps the token as it is seen now. Rejects with STORE_UNUSABLE. */
  remember(token: RememberedToken): Promise<void>
  /** Rejects with STORE_UNUSABLE. A token that is not there is none. */
  forget(serial: string): Promise<void>
}
