/**
 * What a cluster served and said when it was asked. Plain data: hashes are lower-case hex, times ISO 8601 in UTC.
 * An answer that did not come stands there as its problem, and never hides those that did.
 */
import type { Problem } from '../../problems.js'
import type { CtlMode, SastHolder } from '../../trust/verify/sast-by-release.js'
import type { ModelCount, ProcessNode, SecurityMode, TvsAnswer } from '../ports.js'
import type { Way } from './ways.js'

export type Asked<T> =
  | { readonly state: 'answered'; readonly answer: T }
  | { readonly state: 'failed'; readonly problem: Problem }
  /** Why nobody was asked, one sentence. */
  | { readonly state: 'not-asked'; readonly why: string }

export const observedFiles = { ctl: 'CTLFile.tlv', itl: 'ITLFile.tlv' } as const
export type ObservedFile = keyof typeof observedFiles

/** One file as some node serves it. */
export interface ServedFile {
  readonly kind: ObservedFile
  /** Bytes. */
  readonly size: number
  /** Phones show one of md5 and sha1, by their model. */
  readonly md5: string
  readonly sha1: string
  readonly sha256: string
  readonly verified: boolean
  /** The first thing that is wrong, when it does not verify. */
  readonly problem?: { readonly code: string; readonly detail: string }
  readonly timestamp?: string
  readonly signer?: FileSigner
  /** Of a CTL that can be read: `token` when a SAST record is a token's. */
  readonly mode?: CtlMode
  /** Of a CTL: whether its records of call managers hold certificates, as in mixed mode. */
  readonly servers?: 'secure' | 'non-secure' | 'none'
  readonly warnings: readonly { readonly code: string; readonly detail: string; readonly record?: number }[]
}

export interface FileSigner {
  readonly subject: string
  readonly issuer: string
  /** Colon hex, in the byte order of the record. */
  readonly serial: string
  readonly certificateSha256: string
  /** Whose certificate it is taken for, by its name and the other records. */
  readonly holder?: SastHolder
  /** Serial of a token that is known here and holds this certificate. */
  readonly token?: string
}

/** What a node gave over one way: the SHA-256 of one of `files`, or null for no such file. */
export interface ServedCopy {
  readonly over: Way
  readonly asked: Asked<string | null>
}

/** A certificate that TVS was asked about. */
export interface AskedCertificate {
  readonly sha256: string
  readonly subject: string
  /** Serials of tokens known here that hold it. */
  readonly tokens: readonly string[]
  /** Whether a CTL that is served lists it as SAST. */
  readonly inCtl: boolean
}

export interface TvsReading {
  /** SHA-256 of the certificate. */
  readonly certificate: string
  readonly asked: Asked<TvsAnswer>
}

export interface NodeObservation {
  readonly name: string
  readonly address: string
  readonly runs: readonly string[]
  readonly ctl: readonly ServedCopy[]
  readonly itl: readonly ServedCopy[]
  /** Empty where the node runs no TVS. */
  readonly tvs: readonly TvsReading[]
}

/** Who said it. */
export interface Sourced<T> {
  readonly from: 'axl' | 'cli' | 'settings'
  readonly asked: Asked<T>
}

export interface ShownChecksums {
  readonly md5?: string
  readonly sha1?: string
  /** Bytes; 0 when the publisher has no CTL. */
  readonly length: number
  readonly isVerified: boolean
}

export interface ClusterFacts {
  readonly cluster: string
  readonly kind: 'cucm' | 'asterisk'
  readonly at: string
  readonly milliseconds: number
  /** From each that was asked; empty where the settings name neither AXL nor a command line. */
  readonly securityMode: readonly Sourced<SecurityMode>[]
  readonly release: Sourced<string>
  /** What the settings say, where the cluster was asked as well. */
  readonly configuredRelease?: string
  /** `show ctl` on the publisher. */
  readonly showCtl: Asked<ShownChecksums>
  readonly processNodes: Asked<readonly ProcessNode[]>
  readonly devices: Asked<readonly ModelCount[]>
  readonly nodes: readonly NodeObservation[]
  /** Each once, whoever serves it. */
  readonly files: readonly ServedFile[]
  readonly certificates: readonly AskedCertificate[]
}

export interface Disagreement {
  readonly code: DisagreementCode
  /** Names in the settings. */
  readonly nodes: readonly string[]
  readonly detail: string
  readonly remedy: string
}

export const disagreementCodes = [
  'FILE_INVALID',
  'CTL_DIFFERS',
  'WAYS_DIFFER',
  'SHOW_CTL_DIFFERS',
  'MODE_AND_FILE',
  'TVS_DIFFERS',
  'SIGNER_NOT_VOUCHED',
  'RELEASE_DIFFERS',
  'NODE_NOT_CONFIGURED',
  'NODE_NOT_IN_CLUSTER',
] as const
export type DisagreementCode = (typeof disagreementCodes)[number]

/** A question that got no answer. */
export interface Unanswered {
  /** A node's name, or the cluster's publisher for what the whole cluster was asked. */
  readonly node: string
  /** `CTL over TFTP` */
  readonly question: string
  readonly problem: Problem
}

export interface ClusterObservation extends ClusterFacts {
  readonly disagreements: readonly Disagreement[]
  readonly unanswered: readonly Unanswered[]
}
