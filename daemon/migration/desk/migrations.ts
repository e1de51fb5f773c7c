/** What people and programs ask of migrations. Types only; `migration-desk.ts` is behind it. */
import type { Caller } from '../../principal.js'
import type { MigrationPrincipal, MigrationState } from '../../store/migration-journal.js'
import type { WantedPlan } from '../plan/make-plan.js'
import type { NoPlan, Plan, StatementCode, Step } from '../plan/plan.js'
import type { PlanWishes } from '../plan/wishes.js'
import type { PreflightFinding } from '../preflight/finding.js'
import type { MigrationReport } from '../report/report.js'
import type { PredictedRow } from '../rollback/predict.js'
import type { PhoneReading } from '../runner/eyes.js'
import type { SeenRow, StopFacts } from '../runner/run-entry.js'

/** What a plan would do, without touching anything. */
export interface PlanAnswer {
  readonly plan: Plan | NoPlan
  /** For NoPlan: why the release cannot have it, where that is what bars it. */
  readonly findings: readonly PreflightFinding[]
  /** Which phones take the file to come, by model; empty where it cannot be known before. */
  readonly prediction: readonly PredictedRow[]
}

export interface StepView extends Step {
  readonly phase: 'to-come' | 'told' | 'acting' | 'acted' | 'in-doubt' | 'done'
  readonly beganAt?: string
  readonly endedAt?: string
}

export interface MigrationView {
  readonly id: string
  readonly cluster: string
  readonly plan: Plan
  readonly state: MigrationState
  readonly startedAt: string
  readonly startedBy: MigrationPrincipal
  readonly rollbackOf?: string
  readonly steps: readonly StepView[]
  /** Id of the step that it is at; undefined when it is done. */
  readonly current?: string
  /** As preflight last told them, and whether each was acknowledged. */
  readonly findings: readonly (PreflightFinding & { readonly acknowledged: boolean })[]
  readonly waits: readonly SeenRow[]
  readonly stopped?: StopFacts
  readonly said: readonly { readonly statement: StatementCode; readonly by: string; readonly at: string }[]
  readonly readings: readonly PhoneReading[]
  /** Files of this migration: name, SHA-256 (undefined: there was none), length in bytes. */
  readonly files: readonly {
    readonly name: string
    readonly sha256: string | undefined
    readonly length: number
  }[]
}

export interface StartRequest {
  readonly cluster: string
  readonly plan: WantedPlan
  readonly wishes: PlanWishes
  readonly said: readonly StatementCode[]
}

/** Rejects with CLUSTER_…, MIGRATION_… and STORE_UNUSABLE. */
export interface Migrations {
  readonly plan: (request: Omit<StartRequest, 'said'>) => Promise<PlanAnswer>
  readonly start: (caller: Caller, request: StartRequest) => Promise<MigrationView>
  /** The latest first. One that cannot be read stands among them, stopped, with what is wrong with it. */
  readonly list: () => Promise<readonly MigrationView[]>
  readonly get: (id: string) => Promise<MigrationView>
  readonly resume: (caller: Caller, id: string) => Promise<MigrationView>
  /** At a safe point: nothing new is begun. */
  readonly stop: (caller: Caller, id: string) => Promise<MigrationView>
  /** Ends it where it is, for good; the journal stays. */
  readonly abandon: (caller: Caller, id: string, note: string) => Promise<MigrationView>
  readonly acknowledge: (caller: Caller, id: string, code: string, note: string) => Promise<MigrationView>
  readonly say: (caller: Caller, id: string, statement: StatementCode, note: string) => Promise<MigrationView>
  /** A person takes it on themselves that a step in doubt is done once more. */
  readonly again: (caller: Caller, id: string, note: string) => Promise<MigrationView>
  readonly enter: (caller: Caller, id: string, readings: readonly PhoneReading[]) => Promise<MigrationView>
  /** Unlocks the planned token for the step that waits for it; one use. A PIN is in nobody's log. */
  readonly unlock: (
    caller: Caller,
    id: string,
    pin: string,
    options: { readonly finalTry: boolean; readonly repeatPin: boolean },
  ) => Promise<MigrationView>
  readonly file: (id: string, name: string) => Promise<Uint8Array | 'none'>
  /** At any time, also of one that is under way or has ended. */
  readonly report: (id: string) => Promise<MigrationReport>
  /** The way back as it would be now, with who takes it. */
  readonly planRollback: (id: string) => Promise<PlanAnswer>
  readonly rollback: (caller: Caller, id: string) => Promise<MigrationView>
  /** Goes on with what was open when the daemon ended. */
  readonly begin: () => Promise<void>
  readonly halt: () => Promise<void>
}
