/** What publishing is asked and answers: the shapes of `publish-file.ts`, `await-published.ts` and `probe.ts`. */
import type { Problem } from '../../problems.js'
import type { AuditLog } from '../../store/audit-log.js'
import type { PublishedFiles } from '../../store/published-files.js'
import type { KeptProbe } from '../../store/publishing-probes.js'
import type { Publisher } from '../ports.js'

/** By the daemon itself, or by a person who is told each step. */
export type PublishingWay =
  | { readonly to: 'directory' | 'sftp'; readonly publisher: Publisher }
  | { readonly to: 'guided'; readonly steps: (file: string) => readonly string[] }

/** A node with TFTP, as publishing reaches it. `open-publishing.ts` makes them from the settings. */
export interface PublishingNode {
  readonly name: string
  /** Undefined: the settings say none. */
  readonly way: PublishingWay | undefined
  /** The file as a phone gets it. Rejects with NODE_…, of which NODE_HAS_NO_FILE is an answer. */
  readonly readServed: (file: string) => Promise<Uint8Array>
  /** Cisco Tftp, where somebody is configured who can: Control Center or the command line. */
  readonly restartTftp?: (() => Promise<unknown>) | undefined
}

export interface PublishingParts {
  /** Its name in the settings. */
  readonly cluster: string
  /** All that run TFTP. */
  readonly nodes: readonly PublishingNode[]
  readonly published: PublishedFiles
  readonly audit: AuditLog
  readonly onStep?: ((step: PublishingStep) => void) | undefined
}

/** What is being done now, for a person who waits. */
export interface PublishingStep {
  readonly node: string
  readonly step: 'reading' | 'keeping' | 'writing' | 'restarting' | 'reading-back' | 'done'
  /** With `done`. */
  readonly outcome?: PublishOutcome
}

export interface PublishRequest {
  readonly bytes: Uint8Array
  /** Default: CTLFile.tlv. Whatever ends in .tlv must be a CTL or ITL whose signature holds. */
  readonly file?: string | undefined
  /** Names of nodes. Default: every node that runs TFTP. */
  readonly nodes?: readonly string[] | undefined
  /** Restarts Cisco Tftp on each node that was written, one after the other. */
  readonly restartTftp?: boolean | undefined
  /** Milliseconds until a node must serve the file. Default: 5 s, after a restart 3 minutes. */
  readonly patience?: number | undefined
}

/**
 * `published` it lies there and is served · `unchanged` it lay there and was served · `guided` a person puts it there
 * now · `not-served` it lies there and is not served (yet) · `failed` what lay there lies there still, unless the
 * problem is NODE_OUTCOME_UNKNOWN.
 */
export type PublishOutcome = 'published' | 'guided' | 'unchanged' | 'failed' | 'not-served'

/** SHA-256, or null for no such file; absent: could not be read. */
export type FileState = string | null

export interface NodePublication {
  readonly node: string
  readonly outcome: PublishOutcome
  readonly to?: 'directory' | 'sftp' | 'guided'
  /** What lay at the target. Absent where the way cannot look. */
  readonly targetBefore?: FileState
  readonly servedBefore?: FileState
  readonly served?: FileState
  /** Where the store keeps what was there before. */
  readonly kept?: number
  /** What a person does now, in order. */
  readonly steps?: readonly string[]
  readonly problem?: Problem
}

/** A node that nothing was to be published to. */
export interface OtherNode {
  readonly node: string
  readonly served?: FileState
  readonly isSame: boolean
  readonly problem?: Problem
}

export interface PublishReport {
  readonly cluster: string
  readonly file: string
  /** Of the file that was published. */
  readonly sha256: string
  /** Whether every TFTP node of the cluster serves it now. */
  readonly servedEverywhere: boolean
  readonly nodes: readonly NodePublication[]
  readonly others: readonly OtherNode[]
}

export interface AwaitRequest {
  readonly file?: string | undefined
  readonly sha256: string
  /** Default: every node that runs TFTP. */
  readonly nodes?: readonly string[] | undefined
  /** Milliseconds. */
  readonly deadline: number
  /** Milliseconds between two looks at a node. Default: 5 s. */
  readonly interval?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Told of each look. */
  readonly onProgress?: ((node: AwaitedNode) => void) | undefined
}

export interface AwaitedNode {
  readonly node: string
  readonly isServed: boolean
  readonly served?: FileState
  readonly problem?: Problem
}

export interface ProbeRequest {
  /** Default: a subscriber with TFTP, else the publisher. */
  readonly node?: string | undefined
  /**
   * Where the file goes by guide: the person says that the file which the first call kept, `kept` of its report, was
   * uploaded and Cisco Tftp restarted. Without this a guided probe gives the steps and does nothing else. That the
   * upload was done cannot be seen, because the bytes are the same; that another file was uploaded can.
   */
  readonly uploaded?: number | undefined
  /**
   * By guide: the file that an earlier probe gave to upload is no longer the right one, because the CTL was changed on
   * purpose, and not by the daemon. Without this a node that serves another file than that is refused.
   */
  readonly isChanged?: boolean | undefined
  /** Milliseconds until the node must serve the file again. */
  readonly patience?: number | undefined
}

export interface ProbeReport {
  readonly cluster: string
  readonly node: string
  readonly release?: string
  readonly file: string
  readonly to?: PublishingWay['to']
  /** `guided`: the steps are to be done, then it is asked again with `uploaded`. */
  readonly outcome: KeptProbe['outcome'] | 'guided'
  /** Of the file that is published over itself. */
  readonly sha256?: string
  /** The file that a person uploads, where the store keeps it. */
  readonly kept?: number
  readonly steps?: readonly string[]
  /** Sentences: what was done and seen, in order. */
  readonly evidence: readonly string[]
  readonly problem?: Problem
}
