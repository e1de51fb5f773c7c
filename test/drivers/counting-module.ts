import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModuleSettings } from '../../drivers/token.js'
import { softhsmLibrary } from '../../softhsm/tokens-folder.js'
import { compiledFrom, compileModule, compileOnce } from './compile-module.js'
import { settingsOf } from './temporary-softhsm.js'

const LIBRARY = compiledFrom('counting-module.c', 'counting-module.so')

export type HangingCall = 'C_Login' | 'C_Sign' | 'C_GetSlotList'

/** SoftHSM behind a library that counts and misbehaves; see `counting-module.c`. */
export class CountingModule {
  readonly #folder: string
  readonly #softhsm: string

  constructor(softhsm: string) {
    this.#softhsm = softhsm
    this.#folder = join(softhsm, 'counting')
  }

  static async build(softhsm: string): Promise<CountingModule> {
    const module = new CountingModule(softhsm)
    await mkdir(module.#folder)
    await compileOnce(LIBRARY, compileModule)
    return module
  }

  settings(changes: Partial<ModuleSettings> = {}): ModuleSettings {
    const settings = settingsOf(this.#softhsm)
    const counting = { COUNTING_TARGET: softhsmLibrary(), COUNTING_FOLDER: this.#folder }
    return {
      ...settings,
      path: LIBRARY.output,
      environment: { ...settings.environment, ...counting },
      ...changes,
    }
  }

  /** The calls so far, in order. A C_Sign is followed by its input in hex. */
  async calls(name: 'C_Login' | 'C_Sign'): Promise<string[]> {
    const text = await readFile(join(this.#folder, 'calls'), 'utf8').catch(() => '')
    return text.split('\n').filter((line) => line.startsWith(name))
  }

  async hang(call: HangingCall): Promise<void> {
    await this.#put(`hang-${call}`, '')
  }

  async release(call: HangingCall): Promise<void> {
    await rm(join(this.#folder, `hang-${call}`))
  }

  async showFlags(flags: number): Promise<void> {
    await this.#put('flags', flags.toString(16))
  }

  async answerLogin(ckr: number): Promise<void> {
    await this.#put('login-result', ckr.toString(16))
  }

  async hideRsaPkcs(): Promise<void> {
    await this.#put('no-rsa-pkcs', '')
  }

  async #put(name: string, text: string): Promise<void> {
    await writeFile(join(this.#folder, name), text)
  }
}
