/** The TFTP folder of a node: files on disk, and the copy that Cisco Tftp took when it last started. */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A file name of the TFTP root: no folders, nothing hidden. */
const plainFile = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

export class TftpDisk {
  readonly folder: string
  readonly #isFull: () => boolean
  #served = new Map<string, Uint8Array>()
  #writes = 0

  constructor(folder: string, isFull: () => boolean) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.folder = folder
    this.#isFull = isFull
  }

  list(): string[] {
    return readdirSync(this.folder)
      .filter((name) => plainFile.test(name) && statSync(join(this.folder, name)).isFile())
      .sort()
  }

  read(file: string): Uint8Array | undefined {
    if (!this.list().includes(file)) return undefined
    return new Uint8Array(readFileSync(join(this.folder, file)))
  }

  modified(file: string): Date {
    return statSync(join(this.folder, file)).mtime
  }

  async write(file: string, bytes: Uint8Array): Promise<void> {
    if (!plainFile.test(file)) {
      throw new Error('A file name has letters, digits, dots, hyphens and underscores.')
    }
    if (this.#isFull()) {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    }
    this.#writes += 1
    const part = join(this.folder, `.${file}.${this.#writes}.part`)
    try {
      await writeFile(part, bytes, { mode: 0o600 })
      await rename(part, join(this.folder, file))
    } catch (error) {
      await rm(part, { force: true })
      throw error
    }
  }

  /** `*` stands for any characters. Resolves with how many went. */
  async delete(pattern: string): Promise<number> {
    const doomed = this.matching(pattern)
    await Promise.all(doomed.map((name) => rm(join(this.folder, name))))
    return doomed.length
  }

  matching(pattern: string): string[] {
    const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    const wanted = new RegExp(`^${parts.join('.*')}$`)
    return this.list().filter((name) => wanted.test(name))
  }

  /** What Cisco Tftp does when it starts. */
  takeSnapshot(): void {
    this.#served = new Map(
      this.list().map((name) => [name, new Uint8Array(readFileSync(join(this.folder, name)))]),
    )
  }

  served(file: string): Uint8Array | undefined {
    return this.#served.get(file)
  }
}
