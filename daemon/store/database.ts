/**
 * The store: one SQLite file, `store.db` in the state folder. WAL with synchronous FULL: what a
 * promise of this folder's ports has resolved for is on disk, and a `kill -9` or a power cut leaves
 * whole transactions.
 *
 * better-sqlite3 is synchronous. The ports in front of it are asynchronous all the same, so that the
 * file can move to another process without a caller noticing. An unlock takes four commits of one
 * fsync each.
 *
 * The file is locked for as long as the daemon runs (locking_mode EXCLUSIVE), so a second daemon over
 * the same folder cannot take the first one's attempts for interrupted ones. It needs no shared
 * memory file either.
 */
import { closeSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { BridgeError } from '../bridge-error.js'
import { type SchemaStep, schemaSteps } from './schema.js'
import { syncNames } from './sync-file.js'

/** Says whose file it is ("ctlb"), https://www.sqlite.org/pragma.html#pragma_application_id */
const APPLICATION_ID = 0x63746c62

/** Milliseconds to wait for a daemon that is about to end. */
const PATIENCE = 1_000

export interface StoreDatabase {
  readonly path: string
  /** Runs one transaction. Rejects with what SQLite threw; nothing of it is written then. */
  transact<T>(work: (database: Database.Database) => T): Promise<T>
  close(): Promise<void>
}

export const storeFile = (stateFolder: string): string => join(stateFolder, 'store.db')

/** Opens or makes the file and brings it forward. Rejects with STORE_TOO_NEW or STORE_UNUSABLE. */
export async function openDatabase(
  path: string,
  steps: readonly SchemaStep[] = schemaSteps,
): Promise<StoreDatabase> {
  let database: Database.Database | undefined
  try {
    closeSync(openSync(path, 'a', 0o600))
    await syncNames(dirname(path))
    database = new Database(path, { timeout: PATIENCE })
    prepare(database, path, steps)
  } catch (error) {
    database?.close()
    throw error instanceof BridgeError ? error : unusable(path, error)
  }
  return toPort(database, path)
}

function toPort(database: Database.Database, path: string): StoreDatabase {
  return {
    path,
    async transact(work) {
      return database.transaction(() => work(database)).immediate()
    },
    async close() {
      database.close()
    },
  }
}

function prepare(database: Database.Database, path: string, steps: readonly SchemaStep[]): void {
  database.pragma('locking_mode = EXCLUSIVE')
  // A write takes the lock for good; a read alone would leave room for a second daemon.
  database.exec('BEGIN IMMEDIATE; COMMIT')
  const version = refuseForeign(database, path, steps.length)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  // Fingerprints of PINs that are no longer needed do not stay behind in free pages.
  database.pragma('secure_delete = ON')
  refuseDamaged(database, path)
  for (const [index, { sql }] of steps.entries()) {
    if (index >= version) takeStep(database, sql, index + 1)
  }
}

function takeStep(database: Database.Database, sql: string, number: number): void {
  database
    .transaction(() => {
      database.exec(sql)
      database.pragma(`application_id = ${APPLICATION_ID}`)
      database.pragma(`user_version = ${number}`)
    })
    .immediate()
}

/** Returns the number of steps that the file has taken. Nothing is written before this. */
function refuseForeign(database: Database.Database, path: string, known: number): number {
  const version = Number(database.pragma('user_version', { simple: true }))
  const application = Number(database.pragma('application_id', { simple: true }))
  const objects = Number(database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get())
  if (application !== APPLICATION_ID && (version !== 0 || objects !== 0)) {
    throw new BridgeError('STORE_UNUSABLE', 'The file is a database of another program.', { file: path })
  }
  if (version > known) {
    const detail = `The store is at step ${version}; this version of ctl-bridge knows ${known}.`
    throw new BridgeError('STORE_TOO_NEW', detail, { file: path })
  }
  return version
}

function refuseDamaged(database: Database.Database, path: string): void {
  const [first] = database.pragma('quick_check(1)') as { quick_check: string }[]
  if (first?.quick_check === 'ok') return
  throw new BridgeError('STORE_UNUSABLE', 'The store is damaged (SQLITE_CORRUPT).', { file: path })
}

/** What SQLite or the system says about the file, as a problem. Its text may quote data, so only the code is kept. */
export function unusable(path: string, error: unknown): BridgeError {
  const code = String((error as { code?: unknown }).code ?? 'unknown reason')
  return new BridgeError('STORE_UNUSABLE', `The store ${whatIsWrong(code)} (${code}).`, { file: path })
}

function whatIsWrong(code: string): string {
  if (code.startsWith('SQLITE_BUSY')) return 'is in use by another daemon'
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB')) return 'is damaged'
  return 'cannot be read or written'
}
