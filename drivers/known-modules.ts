import { existsSync } from 'node:fs'

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
    name: 'p11-kit',
    serves: 'modules behind the remote process of p11-kit',
    paths: [
      '/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so',
      '/usr/lib/aarch64-linux-gnu/pkcs11/p11-kit-client.so',
      '/usr/lib64/pkcs11/p11-kit-client.so',
    ],
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

/** The known libraries that are on this machine. p11-kit's is left out: it needs a server that only its user knows. */
export function installedModules(): readonly { readonly name: string; readonly path: string }[] {
  return KNOWN_MODULES.filter(({ name }) => name !== 'p11-kit').flatMap(({ name }) => {
    const path = findModulePath(name)
    return path === undefined ? [] : [{ name, path }]
  })
}

/** SoftHSM's library: CTL_BRIDGE_SOFTHSM, else the first known path that exists. */
export function findSofthsm(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  return environment.CTL_BRIDGE_SOFTHSM || findModulePath('softhsm')
}
