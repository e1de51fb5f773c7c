/**
 * The port of the journal of migrations: what was meant, what came of it, what was seen and said, in the order in
 * which it happened. It outlives the daemon; a step is carried out only when its intent is in here.
 *
 * The store knows nothing of plans: they, situations and facts are texts and values of `migration/`.
 *
 * Adapter: `migration-table.ts`.
 */
export type MigrationState = 'running' | 'waiting' | 'stopped' | 'done' | 'rolled-back' | 'abandoned'

export const isOpen = (state: MigrationState): boolean =>
  state === 'running' || state === 'waiting' || state === 'stopped'

export interface MigrationPrincipal {
  readonly keyId: string
  readonly name: string
}

export interface KeptMigration {
  readonly id: string
  readonly cluster: string
  readonly planId: string
  /** JSON. */
  readonly plan: string
  /** JSON. */
  readonly situation: string
  readonly state: MigrationState
  /** ISO 8601, UTC, written by the adapter. */
  readonly startedAt: string
  readonly startedBy: MigrationPrincipal
  /** The migration whose way back this is. */
  readonly rollbackOf?: string
}

export type NewMigration = Omit<KeptMigration, 'state' | 'startedAt'>

export type EntryKind =
  /** What is about to be done; for a person's step, that the person was told. */
  | 'intent'
  /** What came of doing it. */
  | 'outcome'
  /** What was seen afterwards: the effect, or findings. */
  | 'observed'
  /** By a person, about what the daemon does not see. */
  | 'said'
  | 'acknowledged'
  | 'stopped'
  | 'resumed'

export interface JournalEntry {
  /** From 1, without gaps, per migration. The order of entries is this, not the time: clocks jump. */
  readonly sequence: number
  /** ISO 8601, UTC, written by the adapter. */
  readonly at: string
  /** Undefined: of the migration as a whole. */
  readonly step?: string
  readonly kind: EntryKind
  readonly principal: MigrationPrincipal
  /** Never a PIN. */
  readonly facts: Readonly<Record<string, unknown>>
}

export type NewEntry = Omit<JournalEntry, 'sequence' | 'at'>

export interface ArtifactEntry {
  readonly name: string
  /** Lower-case hex; undefined when there was no such file. */
  readonly sha256: string | undefined
  readonly length: number
}

/** Rejects with STORE_UNUSABLE when the disk does not take it; then nothing of it is written. */
export interface MigrationJournal {
  /**
   * Resolves when the migration is on disk, `running`. Rejects with MIGRATION_OPEN when another one of its cluster is
   * not ended. A way back ends the migration that it takes back: it is `abandoned` from here on, `rolled-back` once
   * the way back is done.
   */
  begin(migration: NewMigration): Promise<KeptMigration>
  get(id: string): Promise<KeptMigration | undefined>
  openOf(cluster: string): Promise<KeptMigration | undefined>
  /** At most `limit`, the latest first. */
  latest(limit: number): Promise<readonly KeptMigration[]>
  allOpen(): Promise<readonly KeptMigration[]>
  /**
   * Adds an entry, with the state in the same transaction where one is given. `after`: only if that is still the
   * number of the last entry (0: none); resolves with undefined when somebody else wrote meanwhile. An ended
   * migration takes no entry: MIGRATION_ENDED.
   */
  append(
    id: string,
    entry: NewEntry,
    options?: { readonly after?: number; readonly state?: MigrationState },
  ): Promise<JournalEntry | undefined>
  /** Several entries at once: all of them are written or none. */
  appendAll(
    id: string,
    entries: readonly NewEntry[],
    options?: { readonly after?: number; readonly state?: MigrationState },
  ): Promise<readonly JournalEntry[] | undefined>
  /** In rising order, those after the number `after`. */
  entries(id: string, after?: number): Promise<readonly JournalEntry[]>
  setState(id: string, state: MigrationState): Promise<void>
  /**
   * Keeps bytes, or that there was no file, under a name. What is kept first stays: resolves with it, so that a step
   * that is repeated goes on with the same.
   */
  keep(id: string, name: string, bytes: Uint8Array | 'none'): Promise<Uint8Array | 'none'>
  /** Undefined when nothing was kept under this name. */
  artifact(id: string, name: string): Promise<Uint8Array | 'none' | undefined>
  artifacts(id: string): Promise<readonly ArtifactEntry[]>
}
