/**
 * The parts of setup/ that tests look at. They are JavaScript that is not compiled, so they are loaded by address;
 * these types say what the tests rely on.
 */
export interface Need {
  readonly inWords: string
  readonly debianPackage: string
  readonly unpackable?: string
  readonly onlyForTests: boolean
  readonly present: () => boolean
}

export interface Machine {
  readonly hasApt: boolean
  readonly mayInstall: () => boolean
  readonly knowsPackages: (packages: readonly string[]) => boolean
}

interface PackagePlan {
  readonly install: readonly string[]
  readonly unpack: readonly string[]
  readonly refusal?: string
}

interface SetupModules {
  readonly needs: {
    readonly needs: Readonly<
      Record<
        | 'compiler'
        | 'python'
        | 'softhsm'
        | 'openssl'
        | 'virtualCard'
        | 'p11Kit'
        | 'tftpServers'
        | 'tftpClients'
        | 'ssh'
        | 'nginx',
        Need
      >
    >
  }
  readonly packages: { planPackages(missing: readonly Need[], machine: Machine): PackagePlan }
  readonly dependencies: {
    dependencyStamp(lock: string, runtime: { abi: string; platform: string; arch: string }): string
    headerVersion(header: string): string
    lookAtAddons(folder: string): string | undefined
  }
  readonly build: { sourcesFingerprint(folder: string): string; removeOrphans(folder: string): void }
  readonly lock: { withLock<T>(lock: string, work: () => Promise<T>): Promise<T> }
  readonly avaReport: {
    avaReport(): {
      read(text: string): void
      skipped(): string[]
      counts(exitCode: number): { passed: number; failed: number }
    }
  }
  readonly unpack: {
    unpackedVirtualCard(): string | undefined
    findP11Kit(): string | undefined
    unpackedTftpServers(): string | undefined
    unpackedTftpClients(): string | undefined
    unpackedSsh(): string | undefined
    unpackedNginx(): string | undefined
  }
  readonly nodeVersion: { nodeVersionComplaint(version: string, range: string): string | undefined }
}

/** The setup folder as seen from dist/test/setup. */
export const setupFolder = new URL('../../../setup/', import.meta.url)

const load = (name: string) => import(new URL(name, setupFolder).href)

export const setup: SetupModules = {
  needs: await load('needs.mjs'),
  packages: await load('packages.mjs'),
  dependencies: await load('dependencies.mjs'),
  build: await load('build.mjs'),
  lock: await load('lock.mjs'),
  avaReport: await load('ava-report.mjs'),
  unpack: await load('unpack.mjs'),
  nodeVersion: await load('node-version.mjs'),
}
