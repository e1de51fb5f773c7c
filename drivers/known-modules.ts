import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { configuredModules, type FoundModule } from './p11-kit-configuration.js'

/** Where the PKCS#11 libraries of known tokens lie on Linux. Loading one is the only proof of it. */
export interface KnownModule {
  readonly name: string
  readonly serves: string
  readonly paths: readonly string[]
}

export const KNOWN_MODULES: readonly KnownModule[] = [
  {
    name: 'safenet',
    serves: 'SafeNet eToken, among them the Cisco SAST tokens',
    paths: [
      '/usr/lib/libeTPkcs11.so',
      '/usr/lib64/libeTPkcs11.so',
      '/usr/lib/libeToken.so',
      '/usr/lib64/libeToken.so',
      '/usr/lib/libIDPrimePKCS11.so',
      '/opt/etoken/lib/libeTPkcs11.so',
    ],
  },
  {
    name: 'opensc',
    serves: 'Nitrokey, SmartCard-HSM, YubiKey PIV and other cards known to OpenSC',
    paths: [
      '/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so',
      '/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so',
      '/usr/lib64/opensc-pkcs11.so',
    ],
  },
  {
    name: 'yubikey',
    serves: 'YubiKey PIV',
    paths: ['/usr/lib/x86_64-linux-gnu/libykcs11.so', '/usr/lib64/libykcs11.so'],
  },
  {
    name: 'softhsm',
    serves: 'tokens made of files',
    paths: [
      '/usr/lib/softhsm/libsofthsm2.so',
      '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
      '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so',
      '/usr/lib64/softhsm/libsofthsm2.so',
      '/usr/lib64/pkcs11/libsofthsm2.so',
    ],
  },
]

/** The first path of a known module that exists. */
export function findModulePath(name: string): string | undefined {
  return KNOWN_MODULES.find((module) => module.name === name)?.paths.find((path) => existsSync(path))
}

/**
 * The libraries on this machine: first the known ones, then those that p11-kit's configuration names.
 * One library under two names is taken once. Names are unique and made of small letters, digits, hyphens.
 */
export function installedModules(): readonly FoundModule[] {
  const known = KNOWN_MODULES.flatMap(({ name }) => {
    const path = findModulePath(name)
    return path === undefined ? [] : [{ name, path }]
  })
  return withoutDoubles([...known, ...configuredModules()])
}

/** Keeps the first of those that are one file, and makes names unique. */
export function withoutDoubles(found: readonly FoundModule[]): FoundModule[] {
  const files = new Set<string>()
  const names = new Set<string>()
  return found.flatMap(({ name, path }) => {
    const file = realpathSync(path)
    if (files.has(file)) return []
    files.add(file)
    const free = names.has(name) ? `${name}-${files.size}` : name
    names.add(free)
    return [{ name: free, path }]
  })
}

/** SoftHSM's library: CTL_BRIDGE_SOFTHSM, else the first known path that exists. */
export function findSofthsm(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  return environment.CTL_BRIDGE_SOFTHSM || findModulePath('softhsm')
}

/** Debian, Fedora and Arch keep p11-kit's programs for its own use in different places. */
const P11_KIT_REMOTE = [
  '/usr/libexec/p11-kit/p11-kit-remote',
  '/usr/lib/p11-kit/p11-kit-remote',
  '/usr/lib64/p11-kit/p11-kit-remote',
]
const P11_KIT_CLIENT = [
  '/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so',
  '/usr/lib/aarch64-linux-gnu/pkcs11/p11-kit-client.so',
  '/usr/lib64/pkcs11/p11-kit-client.so',
  '/usr/lib/pkcs11/p11-kit-client.so',
]

const p11KitRoots = (named: string | undefined): string[] => (named ? [named, '/'] : ['/'])

/**
 * p11-kit's remote program and the PKCS#11 library that talks to it, or what is missing of them.
 * CTL_BRIDGE_P11_KIT is a folder with both, as the packages lay them out, in front of the system's.
 */
export function findP11Kit(
  roots: readonly string[] = p11KitRoots(process.env.CTL_BRIDGE_P11_KIT),
): { readonly remote: string; readonly client: string } | { readonly missing: string } {
  const first = (paths: readonly string[]) =>
    roots.flatMap((folder) => paths.map((path) => join(folder, path))).find((path) => existsSync(path))
  const remote = first(P11_KIT_REMOTE)
  if (remote === undefined) return { missing: 'the remote process' }
  const client = first(P11_KIT_CLIENT)
  return client === undefined ? { missing: 'p11-kit-client.so' } : { remote, client }
}
