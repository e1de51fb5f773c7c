/**
 * What a cluster is asked through. Each port is small, has adapters in a folder of its own, and rejects with
 * BridgeError NODE_… that names the node and the cause. Nothing is asked twice by itself when asking changes something.
 */

/** 0 and 1 of ClusterSecurityMode. */
export type SecurityMode = 'non-secure' | 'mixed'

/** What a command printed, its prompt and echo cut off. */
export interface CliOutcome {
  readonly lines: readonly string[]
  /** For the person: what the node did not say, so that success is inferred from its silence. */
  readonly note?: string
}

export interface ShownCtl {
  /** Lower-case hex; undefined when there is no file. */
  readonly md5: string | undefined
  readonly sha1: string | undefined
  /** Bytes; 0 when there is no file. */
  readonly length: number
  /** The publisher's own words on the signature: `The CTL file was verified successfully.` */
  readonly isVerified: boolean
  /** All that it printed. */
  readonly text: string
}

/** Where `file get tftp` pushes to: the only way a file leaves by the CLI. */
export interface PushTarget {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly folder: string
}

export type CucmService =
  | 'Cisco Tftp'
  | 'Cisco CallManager'
  | 'Cisco Trust Verification Service'
  | 'Cisco CTIManager'

/**
 * The command line of a CUCM node. One command at a time; the connection is opened at the first. A login that was
 * refused is not tried again: the commands that follow reject as the first did.
 */
export interface CucmCli {
  readonly showCtl: () => Promise<ShownCtl>
  readonly securityMode: () => Promise<SecurityMode>
  /** Rejects with NODE_COMMAND_REFUSED when the cluster refuses (no licence, no such command on 9.1). */
  readonly setSecurityMode: (mode: SecurityMode) => Promise<CliOutcome>
  /** `utils ctl update CTLFile`: replaces a token CTL by a tokenless one. */
  readonly updateCtlFile: () => Promise<CliOutcome>
  readonly resetLocalKey: () => Promise<CliOutcome>
  readonly listTftpFiles: (pattern: string) => Promise<readonly string[]>
  /** Resolves with how many were deleted. */
  readonly deleteTftpFile: (file: string) => Promise<number>
  /** `file delete activelog cm/tftpdata/CTLFile.tlv`, only where the cluster is not in mixed mode. */
  readonly deleteStaleCtl: () => Promise<number>
  readonly pushTftpFile: (file: string, target: PushTarget) => Promise<CliOutcome>
  readonly restartService: (service: CucmService) => Promise<CliOutcome>
  /** Ends a command that runs, as if the line had dropped. */
  readonly close: () => Promise<void>
}

export interface ProcessNode {
  readonly name: string
  readonly role: string
}

export interface ModelCount {
  /** As the call manager names it: `Cisco 7945`. */
  readonly model: string
  readonly devices: number
  /** undefined: the cluster does not say. */
  readonly securityByDefault: boolean | undefined
}

export interface Axl {
  /** `10.5.2.10000-5` */
  readonly version: () => Promise<string>
  readonly securityMode: () => Promise<SecurityMode>
  readonly nodes: () => Promise<readonly ProcessNode[]>
  readonly modelCounts: () => Promise<readonly ModelCount[]>
  /** Model of each device by its name; those that the cluster does not know are left out. */
  readonly deviceModels: (devices: readonly string[]) => Promise<Readonly<Record<string, string>>>
  /** Process parameters by name, as the table processconfig holds them; absent ones are left out. */
  readonly parameters: (names: readonly string[]) => Promise<Readonly<Record<string, string>>>
}

export interface ServiceState {
  /** `Started`, `Stopped`, … as the node says it. */
  readonly status: string
  /** Seconds that it has run; undefined when the node does not say, or it does not run. */
  readonly upTime: number | undefined
}

export interface ControlCenter {
  readonly restart: (service: CucmService) => Promise<void>
  readonly state: (service: CucmService) => Promise<ServiceState>
}

export interface TvsAnswer {
  readonly isTrusted: boolean
  /** Role numbers as in FUNCTION of a CTL record (domain: 0 SAST, 3 TFTP …). */
  readonly roles: readonly number[]
  /** Seconds that a phone keeps the answer; undefined when TVS gave none. */
  readonly ttl: number | undefined
}

export interface Tvs {
  /** A verify request for one certificate (DER). Necessary, not proof: phones query by the serial of their CTL. */
  readonly verify: (certificate: Uint8Array) => Promise<TvsAnswer>
}

/** What must still lie there when a file takes its place. */
export interface Expected {
  /** undefined: nothing. */
  readonly before: Uint8Array | undefined
  /** Writes also where the very same bytes lie already. */
  readonly evenIfSame?: boolean
}

/** Puts bytes where a node serves them from. Overwrites whole or not at all, never deletes first. */
export interface Publisher {
  /** What lies there now; undefined when nothing does. Rejects with PUBLISH_FAILED or NODE_…. */
  readonly read: (file: string) => Promise<Uint8Array | undefined>
  /**
   * Rejects with PUBLISH_FAILED or NODE_… (what lay there lies there still), PUBLISH_OVERTAKEN (something else than
   * `before` lies there; it was left alone), or NODE_OUTCOME_UNKNOWN.
   */
  readonly write: (file: string, bytes: Uint8Array, expected: Expected) => Promise<void>
}
