import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { ModuleSettings } from '../../drivers/token.js'
import { type Compiled, cc, compiledFrom, compileOnce } from './compile-c.js'

/** A line for the library; `forwarding.h` says what it does. */
export type SharedFault =
  | `hang:${string}`
  | `slow:${string}:${number}`
  | `crash:${string}`
  | `answer:${string}:${string}`

/** A library in front of another module's one: it writes calls down, and misbehaves as it is told while hosts run. */
export class ForwardingModule<Fault extends string> {
  readonly #behind: ModuleSettings
  readonly #folder: string
  readonly #library: Compiled
  #faults: readonly (Fault | SharedFault)[] = []

  /** `source` is the library's own, below `test/`; `folder` will hold the faults and the calls. */
  protected constructor(source: string, behind: ModuleSettings, folder: string) {
    this.#behind = behind
    this.#folder = folder
    const shared = ['drivers/forwarding.c', 'drivers/forwarding.h']
    this.#library = compiledFrom([source, ...shared], source.replace(/\.c$/, '.so'))
  }

  protected async prepare(): Promise<this> {
    await mkdir(this.#folder)
    await compileOnce(this.#library, compileLibrary)
    return this
  }

  /** The module behind it, reached through it. */
  settings(changes: Partial<ModuleSettings> = {}): ModuleSettings {
    const { path, environment } = this.#behind
    const forwarding = { FORWARDING_TARGET: path, FORWARDING_FOLDER: this.#folder }
    return {
      ...this.#behind,
      path: this.#library.output,
      environment: { ...environment, ...forwarding },
      ...changes,
    }
  }

  /** From now on these faults and no others. */
  async misbehave(...faults: readonly (Fault | SharedFault)[]): Promise<void> {
    this.#faults = faults
    const file = join(this.#folder, 'faults')
    await writeFile(`${file}.part`, faults.map((fault) => `${fault}\n`).join(''))
    await rename(`${file}.part`, file)
  }

  async begin(fault: Fault | SharedFault): Promise<void> {
    await this.misbehave(...this.#faults, fault)
  }

  async end(fault: Fault | SharedFault): Promise<void> {
    await this.misbehave(...this.#faults.filter((each) => each !== fault))
  }

  /** The calls so far by all hosts together, in order, with what is written beside their names. */
  async calls(name: string): Promise<string[]> {
    const text = await readFile(join(this.#folder, 'calls'), 'utf8').catch(() => '')
    return text.split('\n').filter((line) => line.split(' ')[0] === name)
  }

  async count(name: string): Promise<number> {
    return (await this.calls(name)).length
  }

  protected async append(name: string, text: string): Promise<void> {
    await appendFile(join(this.#folder, name), text)
  }
}

/** With the headers of PKCS#11 that the addon brings. */
export async function compileLibrary(sources: readonly string[], library: string): Promise<void> {
  const addon = dirname(createRequire(import.meta.url).resolve('pkcs11js/package.json'))
  const headers = join(addon, 'includes', 'pkcs11')
  await cc(['-shared', '-fPIC', '-I', headers, '-o', library, ...sources, '-ldl'])
}
