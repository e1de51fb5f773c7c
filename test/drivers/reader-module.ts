import { join } from 'node:path'
import { ForwardingModule, type SharedFault } from './forwarding-module.js'
import { settingsOf } from './temporary-softhsm.js'

/** A line for the library; the list is in `reader-module.c`. */
export type ReaderFault =
  | SharedFault
  | 'endless-events'
  | 'no-pad'
  | `typed:${string}`
  | `slot-offset:${string}`
  | `logins-allowed:${string}`

/** SoftHSM behind a library that behaves like one with a reader. */
export class ReaderModule extends ForwardingModule<ReaderFault> {
  /** Watches no folder: what is noticed was told by the module. */
  static async inFrontOfSofthsm(folder: string): Promise<ReaderModule> {
    const behind = settingsOf(folder, { watchFolders: [] })
    return await new ReaderModule('drivers/reader-module.c', behind, join(folder, 'reader')).prepare()
  }

  /** The first makes the module one that has slot events. */
  async slotEvent(): Promise<void> {
    await this.append('events', '.')
  }
}
