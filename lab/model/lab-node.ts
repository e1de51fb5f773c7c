/** One node: disk, services, certificate stores and TVS's two look-ups. What travels to other nodes is the cluster's. */
import { createHash } from 'node:crypto'
import { sameBytes } from '../../daemon/ctl/bytes.js'
import { readCertificateFacts, sameIssuer, withoutZeros } from './certificate-facts.js'
import {
  type KeyAndCertificate,
  type LabLogName,
  type LabNode,
  type LabPorts,
  type LabServiceName,
  labServices,
  type NodeFaults,
  type TrustHit,
  type TrustStoreName,
  type TvsPolicy,
} from './lab-cluster.js'
import { TftpDisk } from './tftp-disk.js'
import { TvsCache } from './tvs-cache.js'

/** What a node asks of its cluster. */
export interface NodeSurroundings {
  readonly tvsPolicy: () => TvsPolicy
  /** Milliseconds until TVS reads a changed CTL file again. */
  readonly tvsDelay: () => number
  /** Milliseconds that a service takes to start. */
  readonly restartTime: number
  /** The file of a device: its configuration, or the name of the file that is meant; undefined for no device's. */
  readonly deviceFile: (file: string) => { readonly same: string } | { readonly text: string } | undefined
  /** Takes a trusted certificate to the other nodes. */
  readonly replicateTrust: (from: Node, store: TrustStoreName, der: Uint8Array) => void
  readonly log: (node: string, service: LabLogName, line: string) => void
}

export interface NodeKeys {
  readonly callManager: KeyAndCertificate
  readonly tvs: KeyAndCertificate
  readonly tomcat: KeyAndCertificate
}

interface Known {
  readonly serial: Uint8Array
  readonly issuer: string
  readonly roles: readonly number[]
}

/** TAC 118893: an uploaded SAST certificate is found with roles 0 and 3. */
const UPLOADED_SAST_ROLES = [0, 3] as const

export class Node implements LabNode {
  readonly name: string
  readonly address: string
  readonly role: LabNode['role']
  readonly ports: LabPorts = { tftp: 0, http: 0, tvs: 0, web: 0, ssh: 0, callManager: 0 }
  readonly tomcat: KeyAndCertificate
  readonly disk: TftpDisk
  readonly #around: NodeSurroundings
  readonly #cache: TvsCache
  readonly #running = new Set<LabServiceName>()
  readonly #stores = new Map<TrustStoreName, Map<string, Uint8Array>>()
  readonly #known = new Map<string, Known>()
  readonly #listeners = new Set<(what: 'faults' | LabServiceName) => void>()
  #faults: NodeFaults = { down: false, tvsDown: false, diskFull: false, delay: 0 }
  #keys: NodeKeys
  #inUse: NodeKeys

  constructor(
    identity: Pick<LabNode, 'name' | 'address' | 'role'> & { readonly tftpFolder: string },
    keys: NodeKeys,
    around: NodeSurroundings,
  ) {
    this.name = identity.name
    this.address = identity.address
    this.role = identity.role
    this.tomcat = keys.tomcat
    this.disk = new TftpDisk(identity.tftpFolder, () => this.#faults.diskFull)
    this.#around = around
    this.#keys = keys
    this.#inUse = keys
    this.#cache = new TvsCache(identity.tftpFolder, around.tvsDelay, (line) => this.log('tvs', line))
  }

  get faults(): Readonly<NodeFaults> {
    return this.#faults
  }

  get tftpFolder(): string {
    return this.disk.folder
  }

  get tvs(): KeyAndCertificate {
    return this.#inUse.tvs
  }

  readonly callManager = (): KeyAndCertificate => this.#keys.callManager
  readonly callManagerInUse = (): KeyAndCertificate => this.#inUse.callManager
  /** What the store holds for TVS, which the ITL names. */
  readonly tvsStored = (): KeyAndCertificate => this.#keys.tvs

  readonly setFaults = (faults: Partial<NodeFaults>): void => {
    this.#faults = { ...this.#faults, ...faults }
    this.#tell('faults')
  }

  readonly watch = (listener: (what: 'faults' | LabServiceName) => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  readonly serve = (file: string): Uint8Array | undefined => {
    // The backup of a key is for the command line; that TFTP would give it to anybody is not known, and not built.
    if (file.endsWith('.p12')) return undefined
    const ofDevice = this.#around.deviceFile(file)
    if (ofDevice === undefined) return this.disk.served(file)
    return 'text' in ofDevice ? new TextEncoder().encode(ofDevice.text) : this.disk.served(ofDevice.same)
  }

  readonly listTftp = (): readonly string[] => this.disk.list()
  readonly writeTftp = (file: string, bytes: Uint8Array): Promise<void> => this.disk.write(file, bytes)
  readonly deleteTftp = (pattern: string): Promise<number> => this.disk.delete(pattern)
  readonly isRunning = (service: LabServiceName): boolean => this.#running.has(service)

  readonly restart = async (service: LabServiceName): Promise<void> => {
    this.#running.delete(service)
    this.#tell(service)
    if (this.#around.restartTime > 0) {
      await new Promise((resolve) => setTimeout(resolve, this.#around.restartTime))
    }
    this.#start(service)
  }

  readonly trusted = (store: TrustStoreName): readonly Uint8Array[] => [
    ...(this.#stores.get(store)?.values() ?? []),
  ]

  readonly upload = async (store: TrustStoreName, certificate: Uint8Array): Promise<void> => {
    const facts = readCertificateFacts(certificate)
    if (facts === undefined) throw new Error('Error reading the certificate: it is neither PEM nor DER.')
    // Whether CUCM refuses an expired one depends on the release: the lab refuses it, so that people meet it here.
    if (facts.notAfter.getTime() < Date.now()) {
      throw new Error(`The certificate expired on ${facts.notAfter.toISOString()}.`)
    }
    this.trust(store, facts.der)
    this.#around.replicateTrust(this, store, facts.der)
  }

  /**
   * As TAC 118893's logs: the database by the serial as it is asked, then the cache of the local CTL file. A token is
   * asked for by the reversed serial of the CTL, and which of the two saves a revert is not known: unless the policy
   * says `cache`, the database also finds what was uploaded by that serial; unless it says `db`, the cache is asked.
   */
  readonly findTrust = (serial: Uint8Array, issuer: string): TrustHit | undefined => {
    const policy = this.#around.tvsPolicy()
    const stored = this.#rolesStored(withoutZeros(serial), issuer)
    if (stored.length > 0) return { where: 'database', roles: stored }
    const cached = policy === 'db' ? [] : this.#cache.rolesOf(serial, issuer)
    if (cached.length > 0) return { where: 'cache', roles: cached }
    const reversed = withoutZeros(serial.toReversed())
    const isUploaded = policy !== 'cache' && this.#isUploaded(reversed, issuer)
    return isUploaded ? { where: 'database', roles: UPLOADED_SAST_ROLES } : undefined
  }

  readonly log = (service: LabLogName, line: string): void => this.#around.log(this.name, service, line)

  /** Starts every service, as when the node boots. */
  start(): void {
    for (const service of labServices) this.#start(service)
  }

  replaceKeys(keys: Partial<NodeKeys>): void {
    this.#keys = { ...this.#keys, ...keys }
  }

  /** A certificate arrives in a trust store, here or by replication. */
  trust(store: TrustStoreName, der: Uint8Array): void {
    const kept = this.#stores.get(store) ?? new Map<string, Uint8Array>()
    kept.set(createHash('sha256').update(der).digest('hex'), der)
    this.#stores.set(store, kept)
  }

  /** A service's certificate arrives in the database, in place of its former one. */
  know(owner: string, { fields }: KeyAndCertificate, roles: readonly number[]): void {
    this.#known.set(owner, { serial: fields.serial, issuer: fields.issuer, roles })
  }

  #start(service: LabServiceName): void {
    if (service === 'Cisco Tftp') this.disk.takeSnapshot()
    if (service === 'Cisco CallManager') {
      this.#inUse = { ...this.#inUse, callManager: this.#keys.callManager }
    }
    if (service === 'Cisco Trust Verification Service') {
      this.#inUse = { ...this.#inUse, tvs: this.#keys.tvs }
      this.#cache.reread()
    }
    this.#running.add(service)
    this.#tell(service)
  }

  #rolesStored(serial: Uint8Array, issuer: string): readonly number[] {
    const own = [...this.#known.values()].find((one) => isSame(one, serial, issuer))
    if (own !== undefined) return own.roles
    return this.#isUploaded(serial, issuer) ? UPLOADED_SAST_ROLES : []
  }

  #isUploaded(serial: Uint8Array, issuer: string): boolean {
    const uploaded = this.trusted('Phone-SAST-trust').flatMap((der) => readCertificateFacts(der) ?? [])
    return uploaded.some((one) => isSame(one, serial, issuer))
  }

  #tell(what: 'faults' | LabServiceName): void {
    for (const listener of this.#listeners) listener(what)
  }
}

const isSame = (
  one: { readonly serial: Uint8Array; readonly issuer: string },
  serial: Uint8Array,
  issuer: string,
): boolean => sameBytes(one.serial, serial) && sameIssuer(one.issuer, issuer)
