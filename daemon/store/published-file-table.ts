/** What was published, and what was there before, in the store. */
import { createHash } from 'node:crypto'
import type Database from 'better-sqlite3'
import { type StoreDatabase, unusable } from './database.js'
import type { PublishedFile, PublishedFiles, StateBefore } from './published-files.js'

interface Row {
  readonly id: number
  readonly at: string
  readonly cluster: string
  readonly node: string
  readonly file: string
  readonly key_id: string
  readonly key_name: string
  readonly request_id: string
  readonly target_before: string | null
  readonly served_before: string | null
  readonly sha256: string
  readonly outcome: string | null
}

const NO_FILE = ''
const ADD_BYTES = 'INSERT INTO file_bytes VALUES (?, ?) ON CONFLICT (sha256) DO NOTHING'
const ADD = `
  INSERT INTO published_files (at, cluster, node, file, key_id, key_name, request_id, target_before, served_before, sha256)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const LATEST = 'SELECT * FROM published_files WHERE cluster = ? ORDER BY id DESC LIMIT ?'

export function publishedFileTable(store: StoreDatabase, now: () => Date): PublishedFiles {
  const transact = <T>(work: (database: Database.Database) => T): Promise<T> =>
    store.transact(work).catch((error: unknown) => {
      throw unusable(store.path, error)
    })
  return {
    keep: ({ cluster, node, file, principal, requestId, target, served, bytes }) =>
      transact((database) => {
        const [before, servedBefore] = [target, served].map((found) => keepState(database, found))
        const who = [principal.keyId, principal.name, requestId]
        const what = [before, servedBefore, keepBytes(database, bytes)]
        const row = [now().toISOString(), cluster, node, file, ...who, ...what]
        return Number(database.prepare(ADD).run(...row).lastInsertRowid)
      }),
    finish: (id, outcome) =>
      transact((database) => {
        database.prepare('UPDATE published_files SET outcome = ? WHERE id = ?').run(outcome, id)
      }),
    get: (id) =>
      transact((database) => {
        const row = database.prepare<[number], Row>('SELECT * FROM published_files WHERE id = ?').get(id)
        return row && toPublishedFile(row)
      }),
    latest: (cluster, limit) =>
      transact((database) =>
        database.prepare<[string, number], Row>(LATEST).all(cluster, limit).map(toPublishedFile),
      ),
    bytes: (sha256) =>
      transact((database) => {
        const select = database.prepare<[string], { bytes: Buffer }>(
          'SELECT bytes FROM file_bytes WHERE sha256 = ?',
        )
        const row = select.get(sha256)
        return row && new Uint8Array(row.bytes)
      }),
  }
}

function keepState(database: Database.Database, found: Uint8Array | null | undefined): string | null {
  if (found === undefined) return null
  return found === null ? NO_FILE : keepBytes(database, found)
}

function keepBytes(database: Database.Database, bytes: Uint8Array): string {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  database.prepare(ADD_BYTES).run(sha256, Buffer.from(bytes))
  return sha256
}

function toPublishedFile(row: Row): PublishedFile {
  const { id, at, cluster, node, file, sha256, outcome } = row
  return {
    id,
    at,
    cluster,
    node,
    file,
    principal: { keyId: row.key_id, name: row.key_name },
    requestId: row.request_id,
    before: toBefore(row),
    sha256,
    ...(outcome !== null && { outcome }),
  }
}

function toBefore({ target_before, served_before }: Row): StateBefore {
  const state = (text: string) => (text === NO_FILE ? null : text)
  return {
    ...(target_before !== null && { target: state(target_before) }),
    ...(served_before !== null && { served: state(served_before) }),
  }
}
