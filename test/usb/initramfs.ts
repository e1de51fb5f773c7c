/** A cpio archive in the "newc" format (cpio(5)), as Linux takes it for its first root, and the modules for it. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'

export interface ArchiveEntry {
  readonly path: string
  /** Type and permissions, as in st_mode. */
  readonly mode: number
  /** Contents of a file, target of a link, nothing for a folder. */
  readonly data: Uint8Array
}

const NOTHING = new Uint8Array()

export const folder = (path: string): ArchiveEntry => ({ path, mode: 0o040755, data: NOTHING })
export const file = (path: string, data: Uint8Array | string, permissions = 0o644): ArchiveEntry => ({
  path,
  mode: 0o100000 | permissions,
  data: Buffer.from(data),
})
export const link = (path: string, target: string): ArchiveEntry => ({
  path,
  mode: 0o120777,
  data: Buffer.from(target),
})

/** Gzipped. Folders must come before what is in them. */
export function makeInitramfs(entries: readonly ArchiveEntry[]): Buffer {
  const end = { path: 'TRAILER!!!', mode: 0, data: NOTHING }
  return gzipSync(Buffer.concat([...entries, end].map(archived)), { level: 1 })
}

function archived({ path, mode, data }: ArchiveEntry, index: number): Buffer {
  const name = Buffer.from(`${path}\0`)
  // inode, mode, uid, gid, links, mtime, size, device (2), special device (2), length of the name, checksum
  const fields = [index + 1, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length, 0]
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`
  return Buffer.concat([padded(Buffer.concat([Buffer.from(header), name])), padded(data)])
}

const padded = (data: Uint8Array): Buffer => Buffer.concat([data, Buffer.alloc(-data.length & 3)])

export interface KernelModule {
  readonly name: string
  readonly object: Buffer
}

/** The modules and all they need, in the order in which they must be loaded. `modules` is `/lib/modules/VERSION`. */
export function kernelModules(modules: string, names: readonly string[]): KernelModule[] {
  const files = new Map(modulesBelow(join(modules, 'kernel')).map((path) => [moduleName(path), path]))
  const ordered = new Map<string, KernelModule>()
  const add = (name: string): void => {
    const path = files.get(name)
    // What is no file is built into this kernel.
    if (ordered.has(name) || path === undefined) return
    const object = readModule(path)
    for (const needed of neededBy(object)) add(needed)
    ordered.set(name, { name, object })
  }
  for (const name of names) add(name)
  return [...ordered.values()]
}

const moduleName = (path: string): string =>
  basename(path)
    .replace(/\.ko.*$/, '')
    .replaceAll('-', '_')

function modulesBelow(path: string): string[] {
  if (!existsSync(path)) return []
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ko(\.xz|\.zst)?$/.test(name))
    .map((name) => join(path, name))
}

/** Debian 13 packs its modules with xz, Ubuntu with zstd. */
function readModule(path: string): Buffer {
  if (path.endsWith('.ko')) return readFileSync(path)
  const unpack = path.endsWith('.xz') ? 'xz' : 'zstd'
  return execFileSync(unpack, ['-dcq', path], { maxBuffer: 64 << 20 })
}

/** The section .modinfo holds NUL-ended `key=value` strings. */
function neededBy(object: Buffer): string[] {
  const needed = /\0depends=([\w,-]*)\0/.exec(object.toString('latin1'))?.[1] ?? ''
  return needed
    .split(',')
    .filter((name) => name !== '')
    .map((name) => name.replaceAll('-', '_'))
}
