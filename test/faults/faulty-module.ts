import { execFile } from 'node:child_process'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ModuleSettings } from '../../drivers/token.js'

const SOURCE = fileURLToPath(new URL('../../../test/faults/faulty-module.c', import.meta.url))
const LIBRARY = fileURLToPath(new URL('./faulty-module.so', import.meta.url))

/** A line for the library, without `fault=`; the list is in `faulty-module.c`. */
export type Fault =
  | `hang:${string}`
  | `slow:${string}:${number}`
  | `crash:${string}`
  | `answer:${string}:${string}`
  | 'wrong-signature'
  | `show-flags:${string}`
  | `hide-flags:${string}`
  | 'no-slots'
  | `slots:${number}`
  | 'no-rsa-pkcs'

/** A library in front of another module's one; it counts, and it misbehaves as it is told while hosts run. */
export class FaultyModule {
  /** The module behind it, reached through it. */
  readonly settings: ModuleSettings
  readonly #file: string
  readonly #calls: string

  private constructor(settings: ModuleSettings, folder: string) {
    this.#file = join(folder, 'faults')
    this.#calls = join(folder, 'calls')
    const { path, environment } = settings
    const faulty = { FAULTY_TARGET: path, FAULTY_FILE: this.#file, FAULTY_CALLS: this.#calls }
    this.settings = { ...settings, path: LIBRARY, environment: { ...environment, ...faulty } }
  }

  /** `folder` is made; it holds the faults and the calls. Compiles with `cc`, as pkcs11js needs one. */
  static async inFrontOf(settings: ModuleSettings, folder: string): Promise<FaultyModule> {
    await mkdir(folder)
    await build()
    return new FaultyModule(settings, folder)
  }

  /** From now on these faults and no others. */
  async misbehave(...faults: readonly Fault[]): Promise<void> {
    const part = `${this.#file}.part`
    await writeFile(part, faults.map((fault) => `fault=${fault}\n`).join(''))
    await rename(part, this.#file)
  }

  /** How often this call was made so far, by all hosts together. */
  async count(call: string): Promise<number> {
    return (await this.calls(call)).length
  }

  /** The calls so far, in order. A C_Sign is followed by its input in hex. */
  async calls(name: string): Promise<string[]> {
    const text = await readFile(this.#calls, 'utf8').catch(() => '')
    return text.split('\n').filter((line) => line.split(' ')[0] === name)
  }
}

/** Compiles once per version of the source; several test processes may do so at the same time. */
async function build(): Promise<void> {
  const [source, library] = await Promise.all([changed(SOURCE), changed(LIBRARY)])
  if (library > source) return
  const part = `${LIBRARY}.${process.pid}`
  await compileLibrary(SOURCE, part)
  await rename(part, LIBRARY)
}

async function changed(path: string): Promise<number> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
}

/** With the headers of PKCS#11 that the addon brings. */
export async function compileLibrary(source: string, library: string): Promise<void> {
  const addon = dirname(createRequire(import.meta.url).resolve('pkcs11js/package.json'))
  const headers = join(addon, 'includes', 'pkcs11')
  const options = ['-shared', '-fPIC', '-Wall', '-Wextra', '-Werror', '-I', headers]
  await promisify(execFile)('cc', [...options, '-o', library, source, '-ldl'])
}
