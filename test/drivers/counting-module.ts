import { execFile } from 'node:child_process'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ModuleSettings } from '../../drivers/token.js'
import { softhsmLibrary } from '../../softhsm/tokens-folder.js'
import { settingsOf } from './temporary-softhsm.js'

const SOURCE = fileURLToPath(new URL('../../../test/drivers/counting-module.c', import.meta.url))
const LIBRARY = fileURLToPath(new URL('./counting-module.so', import.meta.url))

export type HangingCall = 'C_Login' | 'C_Sign' | 'C_GetSlotList'

/** Compiles once per version of the source; several test processes may do so at the same time. */
async function build(): Promise<void> {
  const [source, library] = await Promise.all([changed(SOURCE), changed(LIBRARY)])
  if (library > source) return
  const own = `${LIBRARY}.${process.pid}`
  await compile(SOURCE, own)
  await rename(own, LIBRARY)
}

async function changed(path: string): Promise<number> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
}

/** SoftHSM behind a library that counts and misbehaves; see `counting-module.c`. */
export class CountingModule {
  readonly #folder: string
  readonly #softhsm: string

  constructor(softhsm: string) {
    this.#softhsm = softhsm
    this.#folder = join(softhsm, 'counting')
  }

  /** Compiles with `cc`, which is there because pkcs11js needs one. */
  static async build(softhsm: string): Promise<CountingModule> {
    const module = new CountingModule(softhsm)
    await mkdir(module.#folder)
    await build()
    return module
  }

  settings(changes: Partial<ModuleSettings> = {}): ModuleSettings {
    const settings = settingsOf(this.#softhsm)
    const counting = { COUNTING_TARGET: softhsmLibrary(), COUNTING_FOLDER: this.#folder }
    return {
      ...settings,
      path: LIBRARY,
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

export async function compile(source: string, library: string): Promise<void> {
  const addon = dirname(createRequire(import.meta.url).resolve('pkcs11js/package.json'))
  const headers = join(addon, 'includes', 'pkcs11')
  const options = ['-shared', '-fPIC', '-Wall', '-Werror', '-I', headers]
  await promisify(execFile)('cc', [...options, '-o', library, source, '-ldl'])
}
