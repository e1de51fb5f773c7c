/** The journal of migrations in the store. */
import { createHash } from 'node:crypto'
import type Database from 'better-sqlite3'
import { BridgeError } from '../bridge-error.js'
import { type StoreDatabase, unusable } from './database.js'
import {
  isOpen,
  type JournalEntry,
  type KeptMigration,
  type MigrationJournal,
  type MigrationState,
  type NewEntry,
  type NewMigration,
} from './migration-journal.js'

interface MigrationRow {
  readonly id: string
  readonly cluster: string
  readonly plan_id: string
  readonly plan: string
  readonly situation: string
  readonly state: MigrationState
  readonly started_at: string
  readonly key_id: string
  readonly key_name: string
  readonly rollback_of: string | null
}

interface EntryRow {
  readonly sequence: number
  readonly at: string
  readonly step: string | null
  readonly kind: JournalEntry['kind']
  readonly key_id: string
  readonly key_name: string
  readonly facts: string
}

const OPEN = "state IN ('running', 'waiting', 'stopped')"
const ADD = `
  INSERT INTO migrations
    (id, position, cluster, plan_id, plan, situation, state, started_at, key_id, key_name, rollback_of)
  VALUES (?, (SELECT coalesce(max(position), 0) + 1 FROM migrations), ?, ?, ?, ?, 'running', ?, ?, ?, ?)`
const ADD_ENTRY = `
  INSERT INTO migration_entries (migration, sequence, at, step, kind, key_id, key_name, facts)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
const LAST = 'SELECT coalesce(max(sequence), 0) FROM migration_entries WHERE migration = ?'
const ENTRIES = 'SELECT * FROM migration_entries WHERE migration = ? AND sequence > ? ORDER BY sequence'
const KEEP = `
  INSERT INTO migration_artifacts (migration, name, sha256, bytes) VALUES (?, ?, ?, ?)
  ON CONFLICT (migration, name) DO NOTHING`
const ARTIFACT = 'SELECT bytes FROM migration_artifacts WHERE migration = ? AND name = ?'
const ARTIFACTS = `
  SELECT name, sha256, coalesce(length(bytes), 0) AS length FROM migration_artifacts
  WHERE migration = ? ORDER BY name`

export function migrationTable(store: StoreDatabase, now: () => Date): MigrationJournal {
  const transact = <T>(work: (database: Database.Database) => T): Promise<T> =>
    store.transact(work).catch((error: unknown) => {
      throw error instanceof BridgeError ? error : unusable(store.path, error)
    })
  const at = (): string => now().toISOString()
  const select = (where: string, ...values: (string | number)[]): Promise<KeptMigration[]> =>
    transact((database) =>
      database
        .prepare<unknown[], MigrationRow>(`SELECT * FROM migrations ${where}`)
        .all(values)
        .map(toMigration),
    )
  const appendAll: MigrationJournal['appendAll'] = (id, entries, options = {}) =>
    transact((database) => {
      const last = Number(database.prepare(LAST).pluck().get(id))
      if (options.after !== undefined && options.after !== last) return undefined
      requireOpen(database, id)
      const time = at()
      const added = entries.map((entry, index) =>
        addEntry(database, id, { ...entry, sequence: last + 1 + index, at: time }),
      )
      if (options.state !== undefined) moveTo(database, id, options.state)
      return added
    })
  return {
    begin: (migration) => transact((database) => begin(database, migration, at())),
    get: async (id) => (await select('WHERE id = ?', id))[0],
    openOf: async (cluster) => (await select(`WHERE cluster = ? AND ${OPEN}`, cluster))[0],
    latest: (limit) => select('ORDER BY position DESC LIMIT ?', limit),
    allOpen: () => select(`WHERE ${OPEN} ORDER BY position`),
    append: async (id, entry, options) => (await appendAll(id, [entry], options))?.[0],
    appendAll,
    entries: (id, after = 0) =>
      transact((database) =>
        database.prepare<[string, number], EntryRow>(ENTRIES).all(id, after).map(toEntry),
      ),
    setState: (id, state) =>
      transact((database) => {
        requireOpen(database, id)
        moveTo(database, id, state)
      }),
    keep: (id, name, bytes) =>
      transact((database) => {
        const blob = bytes === 'none' ? null : Buffer.from(bytes)
        const hash = blob && createHash('sha256').update(blob).digest('hex')
        database.prepare(KEEP).run(id, name, hash, blob)
        return readArtifact(database, id, name) ?? bytes
      }),
    artifact: (id, name) => transact((database) => readArtifact(database, id, name)),
    artifacts: (id) =>
      transact((database) =>
        database
          .prepare<[string], { name: string; sha256: string | null; length: number }>(ARTIFACTS)
          .all(id)
          .map(({ name, sha256, length }) => ({ name, sha256: sha256 ?? undefined, length })),
      ),
  }
}

function begin(database: Database.Database, migration: NewMigration, at: string): KeptMigration {
  const { id, cluster, planId, plan, situation, startedBy, rollbackOf } = migration
  if (rollbackOf !== undefined) endForWayBack(database, rollbackOf, cluster)
  const open = database
    .prepare<[string], string>(`SELECT id FROM migrations WHERE cluster = ? AND ${OPEN}`)
    .pluck()
    .get(cluster)
  if (open !== undefined) {
    const detail = `The migration ${open} of the cluster ${cluster} has not ended.`
    throw new BridgeError('MIGRATION_OPEN', detail, { cluster, migration: open })
  }
  const who = [startedBy.keyId, startedBy.name]
  database.prepare(ADD).run(id, cluster, planId, plan, situation, at, ...who, rollbackOf ?? null)
  return { ...migration, state: 'running', startedAt: at }
}

function endForWayBack(database: Database.Database, id: string, cluster: string): void {
  const row = rowOf(database, id)
  if (row.cluster !== cluster) {
    throw new BridgeError('MIGRATION_UNKNOWN', `The cluster ${cluster} has no migration ${id}.`, {
      migration: id,
    })
  }
  if (isOpen(row.state)) moveTo(database, id, 'abandoned')
}

function rowOf(database: Database.Database, id: string): MigrationRow {
  const row = database.prepare<[string], MigrationRow>('SELECT * FROM migrations WHERE id = ?').get(id)
  if (row === undefined) {
    throw new BridgeError('MIGRATION_UNKNOWN', `There is no migration ${id}.`, { migration: id })
  }
  return row
}

function requireOpen(database: Database.Database, id: string): void {
  const { state } = rowOf(database, id)
  if (isOpen(state)) return
  throw new BridgeError('MIGRATION_ENDED', `The migration ${id} is ${state}.`, { migration: id })
}

/** A way back that is done makes the migration that it took back `rolled-back`. */
function moveTo(database: Database.Database, id: string, state: MigrationState): void {
  const set = database.prepare('UPDATE migrations SET state = ? WHERE id = ?')
  set.run(state, id)
  const { rollback_of } = rowOf(database, id)
  if (state === 'done' && rollback_of !== null) set.run('rolled-back', rollback_of)
}

function addEntry(
  database: Database.Database,
  id: string,
  entry: NewEntry & { readonly sequence: number; readonly at: string },
): JournalEntry {
  const { sequence, at, step, kind, principal, facts } = entry
  const who = [principal.keyId, principal.name]
  database.prepare(ADD_ENTRY).run(id, sequence, at, step ?? null, kind, ...who, JSON.stringify(facts))
  return entry
}

function readArtifact(
  database: Database.Database,
  id: string,
  name: string,
): Uint8Array | 'none' | undefined {
  const row = database.prepare<[string, string], { bytes: Buffer | null }>(ARTIFACT).get(id, name)
  if (row === undefined) return undefined
  return row.bytes === null ? 'none' : new Uint8Array(row.bytes)
}

function toMigration(row: MigrationRow): KeptMigration {
  const { id, cluster, plan, situation, state, rollback_of } = row
  return {
    id,
    cluster,
    planId: row.plan_id,
    plan,
    situation,
    state,
    startedAt: row.started_at,
    startedBy: { keyId: row.key_id, name: row.key_name },
    ...(rollback_of !== null && { rollbackOf: rollback_of }),
  }
}

function toEntry(row: EntryRow): JournalEntry {
  const { sequence, at, step, kind } = row
  return {
    sequence,
    at,
    ...(step !== null && { step }),
    kind,
    principal: { keyId: row.key_id, name: row.key_name },
    facts: JSON.parse(row.facts) as JournalEntry['facts'],
  }
}
