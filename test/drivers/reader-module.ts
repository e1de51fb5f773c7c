import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModuleSettings } from '../../drivers/token.js'
import { softhsmLibrary } from '../../softhsm/tokens-folder.js'
import { compiledFrom, compileModule, compileOnce } from './compile-module.js'
import { settingsOf } from './temporary-softhsm.js'

const LIBRARY = compiledFrom('reader-module.c', 'reader-module.so')

export type CrashingCall = 'C_GetSlotList' | 'C_Sign' | 'C_WaitForSlotEvent'
export type NotedCall = 'C_Login' | 'C_SetPIN' | 'C_Sign' | 'C_WaitForSlotEvent'

/** SoftHSM behind a library that behaves like one with a reader; see `reader-module.c`. */
export class ReaderModule {
  readonly #folder: string
  readonly #softhsm: string
  readonly #library: string

  constructor(softhsm: string, library: string) {
    this.#softhsm = softhsm
    this.#library = library
    this.#folder = join(softhsm, 'reader')
  }

  static async build(softhsm: string): Promise<ReaderModule> {
    const module = new ReaderModule(softhsm, await compileOnce(LIBRARY, compileModule))
    await mkdir(module.#folder)
    return module
  }

  /** Watches no folder: what is noticed was told by the module. */
  settings(changes: Partial<ModuleSettings> = {}): ModuleSettings {
    const settings = settingsOf(this.#softhsm)
    const reader = { READER_TARGET: softhsmLibrary(), READER_FOLDER: this.#folder }
    return {
      ...settings,
      path: this.#library,
      environment: { ...settings.environment, ...reader },
      watchFolders: [],
      ...changes,
    }
  }

  async calls(name: NotedCall): Promise<string[]> {
    const text = await readFile(join(this.#folder, 'calls'), 'utf8').catch(() => '')
    return text.split('\n').filter((line) => line.startsWith(name))
  }

  /** The first makes the module one that has slot events. */
  async slotEvent(): Promise<void> {
    await appendFile(join(this.#folder, 'events'), '.')
  }

  async put(
    name:
      | 'typed'
      | 'no-pad'
      | 'slot-offset'
      | 'wait-result'
      | 'context-result'
      | 'set-pin-result'
      | 'logins-allowed'
      | `crash-${CrashingCall}`,
    text = '',
  ): Promise<void> {
    await writeFile(join(this.#folder, name), text)
  }

  async take(name: `crash-${CrashingCall}` | 'context-result'): Promise<void> {
    await rm(join(this.#folder, name))
  }
}
