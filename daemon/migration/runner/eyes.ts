/**
 * The port that a migration looks at the cluster through. Looking changes nothing and may be repeated at any time.
 * What cannot be seen is `unknown` with the reason as evidence; a look that rejects is taken as that.
 *
 * `said`, `findings-answered` and `token-unlocked` are not asked here: the journal and the tokens answer them.
 */
import type { SecurityMode } from '../../cluster/ports.js'
import type { Condition, Plan, Step } from '../plan/plan.js'
import type { PreflightFinding } from '../preflight/finding.js'
import type { Observed, Situation } from '../situation/situation.js'

export interface Evidence {
  /** Name in the settings of the cluster; undefined: of the cluster as a whole. */
  readonly node?: string
  /** One line: what was seen there, or why nothing was. */
  readonly text: string
}

export interface Seen {
  readonly holds: boolean | 'unknown'
  /** A line per node, those too where it holds. */
  readonly evidence: readonly Evidence[]
  /**
   * What tells this time from the next, where the condition alone cannot: how long a service had run, the checksum of
   * a file that is built and not served yet. Asked before acting, given back as `mark` after it.
   */
  readonly mark?: string
  /** Why it will not hold however long one waits: a pilot refused the file. One sentence. */
  readonly never?: string
}

/** A person's reading of a phone's screen. */
export interface PhoneReading {
  /** `SEP001122334455`, or `*` for a person's word on all those of which nothing was read. */
  readonly device: string
  /** As the cluster names it: `Cisco 7945`. Left out: it is asked over AXL. */
  readonly model?: string
  /** `unread`: with the device `*` and a model, of which there is no phone that could be read (CTI ports, for one). */
  readonly took: 'accepted' | 'refused' | 'unread'
  /** As the phone shows it. */
  readonly checksum?: string
  readonly note?: string
}

export interface StepContext {
  /** Id. */
  readonly migration: string
  readonly plan: Plan
  readonly situation: Situation
  readonly step: Step
  /** Bytes that this migration has kept; undefined when nothing was kept under that name. */
  readonly artifact: (name: string) => Promise<Uint8Array | 'none' | undefined>
  /**
   * CTLFile.tlv as the node had it before this migration; of a way back, before the migration that it takes back.
   * Undefined when it was not kept.
   */
  readonly before: (node: string) => Promise<Uint8Array | 'none' | undefined>
  /** The latest of each device, of the file that phones are to take by this step. */
  readonly readings: readonly PhoneReading[]
  /** Aborted when the daemon stops. */
  readonly signal: AbortSignal
}

export interface SeeContext extends StepContext {
  /**
   * `before`: nothing of the step was done yet. `after`: it was done, and this waits for its effect. `in-doubt`:
   * nobody knows whether it was done: then of what has a mark only what differs from it holds, and without one it is
   * unknown.
   */
  readonly asked: 'before' | 'after' | 'in-doubt'
  /** What the same condition gave before the step was begun. */
  readonly mark?: string
}

/** What every node serves, and the mode, in short. */
export interface Glance {
  readonly mode: Observed<SecurityMode>
  /** Lower-case hex SHA-256 of CTLFile.tlv by name of each node with tftp. */
  readonly files: Readonly<Record<string, Observed<string | 'none'>>>
}

export interface Eyes {
  readonly see: (condition: Condition, context: SeeContext) => Promise<Seen>
  readonly glance: (context: StepContext) => Promise<Glance>
  /** Preflight, made again from what is there now. */
  readonly judge: (context: StepContext) => Promise<readonly PreflightFinding[]>
}
