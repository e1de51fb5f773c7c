import { join } from 'node:path'
import type { ModuleSettings } from '../../drivers/token.js'
import { ForwardingModule, type SharedFault } from './forwarding-module.js'
import { settingsOf } from './temporary-softhsm.js'

/** A line for the library; the list is in `faulty-module.c`. */
export type Fault =
  | SharedFault
  | 'wrong-signature'
  | `show-flags:${string}`
  | `hide-flags:${string}`
  | 'no-slots'
  | `slots:${number}`
  | 'no-rsa-pkcs'

/** A library that lies about its slots, its flags and its signatures. */
export class FaultyModule extends ForwardingModule<Fault> {
  /** `folder` is made. */
  static async inFrontOf(behind: ModuleSettings, folder: string): Promise<FaultyModule> {
    return await new FaultyModule('drivers/faulty-module.c', behind, folder).prepare()
  }

  static async inFrontOfSofthsm(folder: string): Promise<FaultyModule> {
    return await FaultyModule.inFrontOf(settingsOf(folder), join(folder, 'faulty'))
  }
}
