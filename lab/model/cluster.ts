/** The cluster: what its commands build, what its pages regenerate, and what travels from node to node. */

import { deviceConfiguration } from './device-configuration.js'
import type {
  KeyAndCertificate,
  LabCluster,
  LabDevice,
  LabLogName,
  LabNode,
  LabRelease,
  LabState,
  TrustStoreName,
  TvsPolicy,
} from './lab-cluster.js'
import { type NewKey, newIdentity } from './lab-identity.js'
import { Node, type NodeKeys } from './lab-node.js'
import { LabRefusal, LICENCE_REFUSAL, NO_OTHER_SIGNER, UNKNOWN_COMMAND } from './lab-refusal.js'
import { recoveryBackup } from './recovery-backup.js'
import { type ReleaseTraits, releaseTraits, type ServerSast } from './releases.js'
import { Replication } from './replication.js'
import {
  buildItl,
  buildTokenCtl,
  buildTokenlessCtl,
  type FileMaterial,
  type NodeOfFile,
} from './trust-list-files.js'

export interface ClusterParts {
  readonly name: string
  readonly release: LabRelease
  readonly folder: string
  readonly nodes: readonly (Pick<LabNode, 'name' | 'address' | 'role' | 'tftpFolder'> & {
    readonly keys: NodeKeys
  })[]
  readonly newKey: NewKey
  readonly capf: KeyAndCertificate
  readonly itlRecovery: KeyAndCertificate | undefined
  readonly tokens: readonly KeyAndCertificate[]
  readonly devices: readonly LabDevice[]
  readonly tvsPolicy: TvsPolicy
  readonly tvsDelay: number
  readonly replicationDelay: number
  readonly restartTime: number
  readonly hasEncryptionLicence: boolean
  readonly password: string
  readonly log: (node: string, service: LabLogName, line: string) => void
}

// Roles that TVS finds with a certificate in its database. TAC 118893 prints CallManager's; the others are inferred.
const rolesOf = { callManager: [0, 2], itlRecovery: [0], capf: [4], tvs: [21] } as const

export class Cluster implements LabCluster {
  readonly name: string
  readonly release: LabRelease
  readonly version: string
  readonly folder: string
  readonly nodes: readonly Node[]
  readonly publisher: Node
  readonly devices: readonly LabDevice[]
  readonly tokens: readonly KeyAndCertificate[]
  readonly hasEncryptionLicence: boolean
  readonly credentials: LabCluster['credentials']
  readonly #traits: ReleaseTraits
  readonly #replication: Replication
  readonly #byName: ReadonlyMap<string, LabDevice>
  readonly #newKey: NewKey
  readonly #usualDelay: number
  #mode: 0 | 1 = 0
  #tvsPolicy: TvsPolicy
  #capf: KeyAndCertificate
  #itlRecovery: KeyAndCertificate | undefined

  constructor(parts: ClusterParts) {
    this.name = parts.name
    this.release = parts.release
    this.#traits = releaseTraits[parts.release]
    this.version = this.#traits.version
    this.folder = parts.folder
    this.devices = parts.devices
    this.tokens = parts.tokens
    this.hasEncryptionLicence = parts.hasEncryptionLicence
    this.credentials = { user: 'admin', password: parts.password }
    this.#usualDelay = parts.replicationDelay
    this.#replication = new Replication(parts.replicationDelay)
    this.#byName = new Map(parts.devices.map((device) => [device.name, device]))
    this.#tvsPolicy = parts.tvsPolicy
    this.#newKey = parts.newKey
    this.#capf = parts.capf
    this.#itlRecovery = parts.itlRecovery
    const around = {
      tvsPolicy: () => this.#tvsPolicy,
      tvsDelay: () => parts.tvsDelay,
      restartTime: parts.restartTime,
      deviceFile: (file: string) => this.#deviceFile(file),
      replicateTrust: (from: Node, store: TrustStoreName, der: Uint8Array) =>
        this.#toOthers(from, (node) => node.trust(store, der)),
      log: parts.log,
    }
    this.nodes = parts.nodes.map(({ keys, ...identity }) => new Node(identity, keys, around))
    const publisher = this.nodes.find(({ role }) => role === 'publisher')
    if (publisher === undefined) throw new Error('A lab needs a publisher.')
    this.publisher = publisher
  }

  readonly mode = (): 0 | 1 => this.#mode
  readonly capf = (): KeyAndCertificate => this.#capf
  readonly itlRecovery = (): KeyAndCertificate | undefined => this.#itlRecovery
  readonly tvsPolicy = (): TvsPolicy => this.#tvsPolicy
  readonly replicationDelay = (): number => this.#replication.delay
  readonly replicated = (): Promise<void> => this.#replication.replicated()

  readonly setTvsPolicy = (policy: TvsPolicy): void => {
    this.#tvsPolicy = policy
  }

  readonly setReplicationDelay = (delay: number): void => {
    this.#replication.delay = delay
  }

  readonly resetReplicationDelay = (): void => {
    this.#replication.delay = this.#usualDelay
  }

  readonly close = async (): Promise<void> => this.#replication.close()

  /** The disks as they are when the lab starts, on every node at once. */
  async begin(state: LabState): Promise<void> {
    const delay = this.#replication.delay
    this.#replication.delay = 0
    for (const node of this.nodes) this.#announce(node)
    this.#replication.delay = delay
    for (const each of this.nodes) {
      each.know('CAPF', this.#capf, rolesOf.capf)
      if (this.#itlRecovery !== undefined) each.know('ITLRecovery', this.#itlRecovery, rolesOf.itlRecovery)
      await each.disk.write('ITLFile.tlv', buildItl(this.#material(), ofFile(each), this.#traits.itlSigner))
    }
    if (this.#itlRecovery !== undefined) await this.#backUpRecovery(this.#itlRecovery)
    if (state !== 'nonsecure') {
      this.#mode = 1
      const file = state === 'tokens' ? this.#tokenCtl() : this.#tokenlessCtl(this.#tokenlessHolders(), 1)
      for (const node of this.nodes) await node.disk.write('CTLFile.tlv', file)
    }
    for (const node of this.nodes) node.start()
  }

  readonly utilsCtlRefusal = (): string | undefined => {
    if (this.#traits.tokenless === undefined) return UNKNOWN_COMMAND
    return this.#traits.asksLicence && !this.hasEncryptionLicence ? LICENCE_REFUSAL : undefined
  }

  readonly setClusterMode = async (mode: 0 | 1): Promise<void> => {
    await this.#writeTokenless(this.#tokenlessHolders(), mode)
    this.#mode = mode
  }

  readonly updateCtlFile = async (): Promise<void> =>
    await this.#writeTokenless(this.#tokenlessHolders(), this.#mode)

  /** Domain facts name CallManager as the other signer; before 12.0 it signs anyway, so there the other one does. */
  readonly resetLocalKey = async (): Promise<void> => {
    const [first, second, ...more] = this.#tokenlessHolders()
    if (first === undefined || second === undefined) throw new LabRefusal(NO_OTHER_SIGNER)
    await this.#writeTokenless([second, first, ...more], this.#mode)
  }

  /** A new key and what follows at once: the ITL files on disk, and the database. The CTL is left as it is. */
  readonly regenerate: LabCluster['regenerate'] = async (what, labNode) => {
    const node = this.nodes.find(({ name }) => name === labNode.name) ?? this.publisher
    const make = (commonName: string) =>
      newIdentity({
        commonName,
        bits: 2048,
        digest: this.#traits.certificateDigest,
        newKey: this.#newKey,
      })
    switch (what) {
      case 'CallManager':
        node.replaceKeys({ callManager: await make(node.name) })
        this.#announce(node)
        await this.#rewriteItls(node, [node])
        return
      case 'TVS':
        node.replaceKeys({ tvs: await make(node.name) })
        this.#announce(node)
        break
      case 'CAPF': {
        const capf = await make(nameOf(this.#capf))
        this.#capf = capf
        this.#everywhere(this.publisher, (each) => each.know('CAPF', capf, rolesOf.capf))
        break
      }
      case 'ITLRecovery': {
        if (this.#itlRecovery === undefined) {
          throw new LabRefusal(`CUCM ${this.release} has no ITLRecovery certificate.`)
        }
        const recovery = await make(nameOf(this.#itlRecovery))
        this.#itlRecovery = recovery
        this.#everywhere(this.publisher, (each) => each.know('ITLRecovery', recovery, rolesOf.itlRecovery))
        await this.#backUpRecovery(recovery)
      }
    }
    await this.#rewriteItls(what === 'TVS' ? node : this.publisher, this.nodes)
  }

  /** The certificates of a node's services, as they stand in the database of every node. */
  #announce(node: Node): void {
    const [callManager, tvs] = [node.callManager(), node.tvsStored()]
    this.#everywhere(node, (each) => {
      each.know(`CallManager ${node.name}`, callManager, rolesOf.callManager)
      each.know(`TVS ${node.name}`, tvs, rolesOf.tvs)
    })
  }

  #everywhere(from: Node, change: (node: Node) => void | Promise<void>): void {
    void change(from)
    this.#toOthers(from, change)
  }

  #toOthers(from: Node, change: (node: Node) => void | Promise<void>): void {
    for (const node of this.nodes) if (node !== from) this.#replication.send(() => change(node))
  }

  async #rewriteItls(first: Node, nodes: readonly Node[]): Promise<void> {
    const write = (node: Node) =>
      node.disk.write('ITLFile.tlv', buildItl(this.#material(), ofFile(node), this.#traits.itlSigner))
    if (nodes.includes(first)) await write(first)
    for (const node of nodes) if (node !== first) this.#replication.send(() => write(node))
  }

  async #writeTokenless(holders: readonly ServerSast[], mode: 0 | 1): Promise<void> {
    const refusal = this.utilsCtlRefusal()
    if (refusal !== undefined) throw new LabRefusal(refusal)
    const file = this.#tokenlessCtl(holders, mode)
    await this.publisher.disk.write('CTLFile.tlv', file)
    this.#toOthers(this.publisher, (node) => node.disk.write('CTLFile.tlv', file))
  }

  #tokenlessHolders(): readonly ServerSast[] {
    if (this.#traits.tokenless === undefined) throw new LabRefusal(UNKNOWN_COMMAND)
    return this.#traits.tokenless
  }

  #tokenlessCtl(holders: readonly ServerSast[], mode: 0 | 1): Uint8Array {
    return buildTokenlessCtl(this.#material(), holders, mode)
  }

  #tokenCtl(): Uint8Array {
    return buildTokenCtl(this.#material(), this.tokens, this.#traits.besideTokens ?? [])
  }

  async #backUpRecovery(identity: KeyAndCertificate): Promise<void> {
    await this.publisher.disk.write('ITLRecovery.p12', recoveryBackup(identity, this.credentials.password))
  }

  #material(): FileMaterial {
    return {
      publisher: ofFile(this.publisher),
      subscribers: this.nodes.filter((node) => node !== this.publisher).map(ofFile),
      capf: this.#capf,
      itlRecovery: this.#itlRecovery,
      timestamp: Math.floor(Date.now() / 1000),
    }
  }

  #deviceFile(file: string): { same: string } | { text: string } | undefined {
    const [, kind, name = ''] = /^(CTL|ITL)(.+)\.tlv$/.exec(file) ?? []
    if (kind !== undefined && (this.#byName.has(name) || /^SEP[0-9A-F]{12}$/.test(name))) {
      return { same: `${kind}File.tlv` }
    }
    const device = this.#byName.get(/^(.+)\.cnf\.xml$/.exec(file)?.[1] ?? '')
    return device && { text: deviceConfiguration(device, this.nodes, this.#mode) }
  }
}

const ofFile = (node: Node): NodeOfFile => ({
  name: node.name,
  address: node.address,
  callManager: node.callManager(),
  tvs: node.tvsStored(),
})

const nameOf = ({ fields }: KeyAndCertificate): string => /^CN=([^;]*)/.exec(fields.subject)?.[1] ?? ''
