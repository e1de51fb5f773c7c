/**
 * What a report of a migration tells, as data: its JSON, and what the text and the page are made of. Times are ISO 8601
 * in UTC, hashes lower-case hex.
 */
import type { MigrationState } from '../../store/migration-journal.js'
import type { SastHolder } from '../../trust/verify/sast-by-release.js'
import type { Actor, PlanId } from '../plan/plan.js'

export interface MigrationReport {
  readonly madeAt: string
  readonly migration: ReportedMigration
  /** What matters, a sentence each. */
  readonly inShort: readonly string[]
  readonly toDo: readonly ToDo[]
  /** A table for each file that phones are to take, in order. */
  readonly phones: readonly PhoneTable[]
  readonly files: readonly NodeFiles[]
  readonly findings: readonly ReportedFinding[]
  readonly statements: readonly ReportedStatement[]
  readonly steps: readonly ReportedStep[]
  readonly stops: readonly ReportedStop[]
  /** What the plan relies on and nobody has proved. */
  readonly assumptions: readonly string[]
}

export interface ReportedMigration {
  readonly id: string
  readonly cluster: string
  readonly kind: 'cucm' | 'asterisk'
  readonly plan: PlanId
  readonly title: string
  readonly release?: string
  readonly state: MigrationState
  readonly startedAt: string
  readonly startedBy: string
  /** Of the last entry of a migration that has ended. */
  readonly endedAt?: string
  readonly rollbackOf?: string
}

export interface ToDo {
  readonly what: string
  /** What exactly to do, a line each. */
  readonly how: readonly string[]
}

export interface FileFacts {
  readonly sha256: string
  /** Bytes. Undefined, and so is the rest, for a file of which only SHA-256 was noted. */
  readonly size?: number
  /** Phones show one of md5 and sha1, by their model. */
  readonly md5?: string
  readonly sha1?: string
  readonly timestamp?: string
  readonly signer?: {
    readonly subject: string
    readonly sha256: string
    readonly holder?: SastHolder
    /** Serial of the token that holds the certificate. */
    readonly token?: string
  }
  /** Why no phone can use it. */
  readonly problem?: { readonly code: string; readonly detail: string }
}

/** `none`: there was no such file. */
export type FileState = FileFacts | 'none'

export interface NodeFiles {
  readonly node: string
  readonly file: string
  /** Undefined: nobody saw it. */
  readonly before: FileState | undefined
  /** As it was seen last; undefined when the migration never looked again, or does not change it. */
  readonly after?: { readonly file: FileState; readonly step: string; readonly at: string }
  /** Step that may have changed it since; what is there now was not seen. */
  readonly unseenSince?: string
}

export interface ReportedFinding {
  readonly code: string
  readonly severity: 'error' | 'warning' | 'info'
  readonly detail: string
  /** Node, token or model. */
  readonly at?: string
  readonly devices?: number
  readonly remedy: string
  readonly step: string
  readonly toldAt: string
  /** Told when preflight was made last. */
  readonly isOfNow: boolean
  readonly acknowledged: readonly { readonly by: string; readonly at: string; readonly note: string }[]
}

/** Said by a person, not seen. */
export interface ReportedStatement {
  readonly statement: string
  readonly by: string
  readonly at: string
  readonly note: string
  /** Undefined: before the migration was begun. */
  readonly step?: string
}

export type StepState = 'done' | 'there already' | 'told' | 'acted' | 'in doubt' | 'failed' | 'to come'

export interface ReportedStep {
  readonly id: string
  readonly actor: Actor
  readonly title: string
  readonly state: StepState
  readonly beganAt?: string
  readonly endedAt?: string
  /** From the last time that it was begun until its effect was seen. */
  readonly waitedSeconds?: number
  readonly entries: readonly ReportedEntry[]
}

export interface ReportedEntry {
  /** In the journal. The order is this, not the time: clocks jump. */
  readonly number: number
  readonly at: string
  readonly by: string
  readonly what: string
  /** What was answered or seen, a line each. */
  readonly lines: readonly string[]
}

export interface ReportedStop {
  readonly at: string
  readonly by: string
  readonly step?: string
  readonly code: string
  readonly detail: string
  readonly remedy: string
  readonly resumed?: { readonly at: string; readonly by: string }
}

/** What was foretold of a model. `depends`: on the file that a phone of it holds. */
export type Foretold = 'takes' | 'keeps' | 'depends' | 'not known' | 'no file yet'

export interface PhoneTable {
  /** As the plan names it: `new`, `bridge`, `before`. */
  readonly artifact: string
  readonly title: string
  /** Those that phones may be served; several where nodes had different ones. */
  readonly files: readonly FileState[]
  /** Whether the file was ever put where phones fetch it. */
  readonly wasOffered: boolean
  readonly rows: readonly PhoneRow[]
  readonly readings: readonly PhoneReadingRow[]
  /** A person’s word on those that were not read, or on a model that cannot be. It is no observation, and counts in no row. */
  readonly words: readonly {
    readonly model?: string
    readonly took: string
    readonly by: string
    readonly at: string
    readonly note: string
  }[]
  /** Readings that say otherwise than was foretold. */
  readonly surprises: readonly string[]
}

/**
 * Each device counts once. `devices` is the cluster’s own count when the migration was begun; without it those that
 * were not read are not counted.
 */
export interface PhoneRow {
  /** Undefined: of readings whose model nobody said. */
  readonly model: string | undefined
  readonly devices: number | undefined
  readonly foretold: Foretold
  readonly why: readonly string[]
  /** Shows the checksum of the file. */
  readonly acceptedByChecksum: number
  /** A person says so, without a checksum. */
  readonly acceptedByWord: number
  readonly refused: number
  /** What the phone shows is not what was entered. */
  readonly contradicting: number
  /** Not read, and foretold to keep what they hold. */
  readonly stranded: number | undefined
  /** Not read yet; the reset of all phones is not done. */
  readonly pending: number | undefined
  /** Nobody read them, and nobody is asked to any more. */
  readonly notObserved: number | undefined
}

export interface PhoneReadingRow {
  readonly device: string
  readonly model: string | undefined
  readonly entered: 'accepted' | 'refused'
  readonly verdict: 'accepted by checksum' | 'accepted by word' | 'refused' | 'contradicting'
  readonly checksum?: string
  /** Which file of the migration has this checksum. */
  readonly shows?: string
  readonly note?: string
  readonly by: string
  readonly at: string
  readonly step: string
}
