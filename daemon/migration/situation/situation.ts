/**
 * What is known of a cluster before a plan is made: what was observed where, and what a person said. Pure data, so
 * that a plan and its findings can be made again from the journal, and tested without a cluster.
 */
import type { CucmService, ModelCount, SecurityMode, TvsAnswer } from '../../cluster/ports.js'
import type { StatementCode } from '../plan/plan.js'

/** A value with where it was seen, or why it was not. */
export type Observed<Value> =
  | { readonly seen: Value; readonly at: string }
  | { readonly unseen: string; readonly at: string }

export interface NodeSituation {
  readonly name: string
  readonly address: string
  readonly runs: readonly ('publisher' | 'tftp' | 'tvs' | 'callmanager')[]
  /** `none`: the node says that it has no such file. Only for nodes with tftp. */
  readonly ctl?: Observed<Uint8Array | 'none'>
  readonly itl?: Observed<Uint8Array | 'none'>
  /** By SHA-256 of the certificate. Only for nodes with tvs. */
  readonly tvs?: Readonly<Record<string, Observed<TvsAnswer>>>
  /** As Control Center names the state of each: `Started`. Only where the settings have a user that may ask it. */
  readonly services?: Readonly<Partial<Record<CucmService, Observed<string>>>>
  readonly publishing: 'directory' | 'sftp' | 'guided'
  /** Of this node on this release; undefined: never done. */
  readonly probe?: { readonly outcome: 'worked' | 'failed'; readonly at: string }
}

export interface KnownToken {
  readonly serial: string
  readonly label: string
  readonly isPluggedIn: boolean
  /** DER, of the certificate that may sign as SAST. */
  readonly certificate: Uint8Array
  readonly sha256: string
  /** Whether Cisco made it: TVS special-cases those; another is unproven on CUCM. */
  readonly isCiscos: boolean
}

export interface Situation {
  readonly cluster: string
  readonly kind: 'cucm' | 'asterisk'
  /** ISO 8601, UTC. */
  readonly at: string
  /** What the settings allow the daemon to do by itself. */
  readonly reach: { readonly cli: boolean; readonly axl: boolean; readonly controlCenter: boolean }
  /** Whether the publisher’s command line answers to `show ctl`. Only where the settings have it. */
  readonly commandLine?: Observed<true>
  readonly release: Observed<string>
  readonly mode: Observed<SecurityMode>
  readonly nodes: readonly NodeSituation[]
  readonly tokens: readonly KnownToken[]
  readonly models: Observed<readonly ModelCount[]>
  /** Enterprise and service parameters that matter here, by name. */
  readonly parameters: Observed<Readonly<Record<string, string>>>
  readonly said: readonly Statement[]
}

export interface Statement {
  readonly code: StatementCode
  readonly by: string
  readonly at: string
  readonly note: string
}
