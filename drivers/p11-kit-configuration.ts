/**
 * The PKCS#11 libraries that p11-kit's configuration names: files `NAME.module` of lines `field: value`,
 * installed by packages and corrected by the administrator. Only places that root writes are read; a
 * person's own ~/.config/pkcs11 would let a program of his load code into the daemon.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'

export interface FoundModule {
  readonly name: string
  readonly path: string
}

/** pkcs11.conf(5): the administrator's file replaces the package's of the same name. */
const FOLDERS = ['/usr/share/p11-kit/modules', '/etc/pkcs11/modules']

/** Where a library without a full path is looked for: p11-kit's own folder of modules. */
const LIBRARY_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu/pkcs11',
  '/usr/lib/aarch64-linux-gnu/pkcs11',
  '/usr/lib64/pkcs11',
  '/usr/lib/pkcs11',
]

/** What `enable-in` and `disable-in` would call this program. */
const PROGRAM = 'ctl-bridge'

/** The libraries that exist, by the name of their file. A file that cannot be read is passed over. */
export function configuredModules(
  folders: readonly string[] = FOLDERS,
  libraryFolders: readonly string[] = LIBRARY_FOLDERS,
): readonly FoundModule[] {
  const files = new Map<string, string>()
  for (const folder of folders) {
    for (const file of moduleFiles(folder)) files.set(file, join(folder, file))
  }
  return [...files].flatMap(([file, path]) => {
    const library = libraryOf(readFields(path), libraryFolders)
    return library === undefined ? [] : [{ name: moduleName(file), path: library }]
  })
}

/** As the settings ask: `opensc-pkcs11.module` → `opensc-pkcs11`. */
function moduleName(file: string): string {
  const bare = file.replace(/\.module$/, '').toLowerCase()
  const name = bare.replaceAll(/[^a-z0-9-]+/g, '-').replaceAll(/^-+/g, '')
  return name.slice(0, 32) || 'p11-kit-module'
}

function moduleFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.module'))
      .sort()
  } catch {
    return []
  }
}

function readFields(path: string): ReadonlyMap<string, string> {
  try {
    const lines = readFileSync(path, 'utf8').split('\n')
    return new Map(lines.flatMap(readField))
  } catch {
    return new Map()
  }
}

function readField(line: string): [string, string][] {
  const [, name, value] = /^\s*([a-z][a-z0-9-]*)\s*:\s*(.*?)\s*$/.exec(line) ?? []
  return name === undefined || value === undefined ? [] : [[name, value]]
}

function libraryOf(
  fields: ReadonlyMap<string, string>,
  libraryFolders: readonly string[],
): string | undefined {
  const library = fields.get('module')
  // A store of trusted certificates has no keys, and `remote` names a command instead of a library.
  if (!library || fields.get('trust-policy') === 'yes' || fields.has('remote')) return undefined
  if (!isEnabled(fields)) return undefined
  const paths = isAbsolute(library) ? [library] : libraryFolders.map((folder) => join(folder, library))
  return paths.find((path) => existsSync(path))
}

function isEnabled(fields: ReadonlyMap<string, string>): boolean {
  const names = (field: string) => fields.get(field)?.split(/[\s,]+/)
  const only = names('enable-in')
  if (only !== undefined) return only.includes(PROGRAM)
  return !names('disable-in')?.includes(PROGRAM)
}
