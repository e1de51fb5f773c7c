/**
 * The lab's cluster as its servers see it: nodes with disks, services, keys and stores, and the rules by which CUCM
 * changes them (domain facts: TAC 118893, Security Guides). No sockets here.
 */
import type { KeyObject } from 'node:crypto'
import type { CertificateFields } from '../../daemon/ctl/compose-record.js'

export const labReleases = ['9.1', '10.5.1', '10.5.2', '11.5', '12.5', '14'] as const
export type LabRelease = (typeof labReleases)[number]

/** Where TVS looks: in the database alone, in its cache of the local CTL file alone, or in both, as CUCM's logs show. */
export const tvsPolicies = ['db', 'cache', 'either'] as const
export type TvsPolicy = (typeof tvsPolicies)[number]

/** State that a lab begins in. */
export const labStates = ['nonsecure', 'tokenless', 'tokens'] as const
export type LabState = (typeof labStates)[number]

export interface KeyAndCertificate {
  readonly privateKey: KeyObject
  /** DER. */
  readonly certificate: Uint8Array
  /** As CUCM's command line writes it into a record. */
  readonly fields: CertificateFields
}

export const labServices = [
  'Cisco CallManager',
  'Cisco CTIManager',
  'Cisco Tftp',
  'Cisco Trust Verification Service',
] as const
export type LabServiceName = (typeof labServices)[number]

/** Ports in use; 0 until the server listens. */
export interface LabPorts {
  tftp: number
  http: number
  tvs: number
  web: number
  /** The command line; the `utils ctl` commands work on the publisher only. */
  ssh: number
  /** Secure signalling of CallManager, by which phones notice a certificate they do not know. */
  callManager: number
}

export const trustStores = [
  'Phone-SAST-trust',
  'CallManager-trust',
  'TVS-trust',
  'tomcat-trust',
  'CAPF-trust',
] as const
export type TrustStoreName = (typeof trustStores)[number]

/** What TVS found, and where: its log tells both. */
export interface TrustHit {
  readonly where: 'database' | 'cache'
  readonly roles: readonly number[]
}

/** Faults on request. Each is off unless somebody asked. */
export interface NodeFaults {
  /** Every server of the node is closed. */
  down: boolean
  /** TVS alone is closed. */
  tvsDown: boolean
  /** Writing to the TFTP folder fails as on a full disk. */
  diskFull: boolean
  /** Milliseconds before each packet or answer. */
  delay: number
}

export interface LabNode {
  readonly name: string
  /** A loopback address of its own, such as 127.8.8.1. */
  readonly address: string
  readonly role: 'publisher' | 'subscriber'
  readonly ports: LabPorts
  /** Changed by `setFaults` alone, so that the servers hear of it. */
  readonly faults: Readonly<NodeFaults>
  readonly setFaults: (faults: Partial<NodeFaults>) => void
  /** Hears of faults that were set and of each service that stopped or started. Returns what ends it. */
  readonly watch: (listener: (what: 'faults' | LabServiceName) => void) => () => void
  /** The TFTP folder on disk. A person may put a file there, as behind one's back. */
  readonly tftpFolder: string
  /** What TVS presents: a regenerated one only after the service restarted. */
  readonly tvs: KeyAndCertificate
  /** What the certificate store holds for TVS. Changes when it is regenerated. */
  readonly tvsStored: () => KeyAndCertificate
  readonly tomcat: KeyAndCertificate
  /** What the certificate store holds. Changes when it is regenerated. */
  readonly callManager: () => KeyAndCertificate
  /** What the service Cisco CallManager presents: a regenerated one only after it restarted. */
  readonly callManagerInUse: () => KeyAndCertificate
  /**
   * What Cisco Tftp serves: what lay in the folder when it last started; undefined for no such file. The names that
   * phones ask (CTLSEP<MAC>.tlv, ITLSEP<MAC>.tlv, SEP<MAC>.cnf.xml) are answered as CUCM does.
   */
  readonly serve: (file: string) => Uint8Array | undefined
  /** Files in the TFTP folder, as `file list tftp *`. */
  readonly listTftp: () => readonly string[]
  /** As the upload page and the CLI write: whole or not at all; rejects with ENOSPC under diskFull. */
  readonly writeTftp: (file: string, bytes: Uint8Array) => Promise<void>
  readonly deleteTftp: (pattern: string) => Promise<number>
  readonly isRunning: (service: LabServiceName) => boolean
  /** Resolves when it runs again. */
  readonly restart: (service: LabServiceName) => Promise<void>
  /** Certificates of a trust store on this node, DER. */
  readonly trusted: (store: TrustStoreName) => readonly Uint8Array[]
  /** Upload on this node; it reaches the others by replication. Rejects with a sentence (expired, not a certificate). */
  readonly upload: (store: TrustStoreName, certificate: Uint8Array) => Promise<void>
  /**
   * TVS's look-up by serial (as it stands in the query: a CTL's bytes or a certificate's) and issuer text, under the
   * lab's policy; undefined when it is found nowhere.
   */
  readonly findTrust: (serial: Uint8Array, issuer: string) => TrustHit | undefined
  /** A line for the log of a service, in the shape of CUCM's traces. */
  readonly log: (service: LabLogName, line: string) => void
}

export type LabLogName = 'tvs' | 'tftp' | 'cli' | 'web'

export interface LabDevice {
  /** SEP and twelve hex digits; other prefixes for devices that are no phones of Cisco's. */
  readonly name: string
  /** As CUCM names it: `Cisco 7945`. */
  readonly model: string
  readonly securityByDefault: boolean
}

export interface LabCluster {
  readonly name: string
  readonly release: LabRelease
  /** As AXL and `show version active` tell it: `10.5.2.10000-5`. */
  readonly version: string
  readonly folder: string
  readonly nodes: readonly LabNode[]
  readonly publisher: LabNode
  readonly capf: () => KeyAndCertificate
  readonly itlRecovery: () => KeyAndCertificate | undefined
  /** ClusterSecurityMode. */
  readonly mode: () => 0 | 1
  readonly tvsPolicy: () => TvsPolicy
  readonly setTvsPolicy: (policy: TvsPolicy) => void
  readonly hasEncryptionLicence: boolean
  /** Milliseconds until a change on the publisher is on the subscribers; a fault makes it late. */
  readonly replicationDelay: () => number
  readonly setReplicationDelay: (delay: number) => void
  /** As it was when the lab was made. */
  readonly resetReplicationDelay: () => void
  /** Why every `utils ctl` command is refused, in CUCM's words; undefined when it is not. */
  readonly utilsCtlRefusal: () => string | undefined
  /** `utils ctl set-cluster`, `utils ctl update CTLFile`, `utils ctl reset localkey`: reject with CUCM's words. */
  readonly setClusterMode: (mode: 0 | 1) => Promise<void>
  readonly updateCtlFile: () => Promise<void>
  readonly resetLocalKey: () => Promise<void>
  /** OS Administration: a new key and certificate, with the ITL files that follow from it. */
  readonly regenerate: (what: 'CallManager' | 'TVS' | 'CAPF' | 'ITLRecovery', node: LabNode) => Promise<void>
  readonly devices: readonly LabDevice[]
  /** SAST tokens of this lab: keys, so that a first token CTL can be signed. */
  readonly tokens: readonly KeyAndCertificate[]
  /** Resolves when nothing is on its way to a subscriber any more. */
  readonly replicated: () => Promise<void>
  /** Ends what is on its way. Folders stay. */
  readonly close: () => Promise<void>
  /** The user of CLI, AXL and the pages. */
  readonly credentials: { readonly user: string; readonly password: string }
}
