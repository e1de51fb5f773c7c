import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import Database from 'better-sqlite3'
import { auditTable } from '../../daemon/store/audit-table.js'
import { openDatabase, type StoreDatabase, storeFile } from '../../daemon/store/database.js'
import { schemaSteps } from '../../daemon/store/schema.js'
import { anEntry } from './an-entry.js'
import { now, openStore, temporaryFolder } from './temporary-store.js'

const pathFor = async (t: ExecutionContext): Promise<string> => storeFile(await temporaryFolder(t))

async function refused(t: ExecutionContext, path: string, code: string, detail: RegExp): Promise<void> {
  const error = await t.throwsAsync(openDatabase(path), { code })
  t.regex(error?.message ?? '', detail)
  t.like(error, { place: { file: path } })
}

/** Rows of a table that the tests make. */
const count = (store: StoreDatabase): Promise<unknown> =>
  store.transact((database) => database.prepare('SELECT count(*) FROM filler').pluck().get())

test('A new store is for its owner alone, and every commit is on disk before it is told', async (t) => {
  const path = await pathFor(t)
  const store = await openDatabase(path)
  t.teardown(() => store.close())
  t.is((await stat(path)).mode & 0o777, 0o600)
  t.is((await stat(`${path}-wal`)).mode & 0o777, 0o600)
  const [journal, synchronous] = await store.transact((database) => [
    database.pragma('journal_mode', { simple: true }),
    database.pragma('synchronous', { simple: true }),
  ])
  t.is(journal, 'wal')
  t.is(synchronous, 2, 'FULL')
})

test('A store of a newer version is refused and not changed', async (t) => {
  const path = await pathFor(t)
  await (await openDatabase(path, [...schemaSteps, { sql: 'CREATE TABLE later (a)' }])).close()
  const before = await readFile(path)
  const known = schemaSteps.length
  const told = new RegExp(`step ${known + 1}; this version of ctl-bridge knows ${known}\\.`)
  await refused(t, path, 'STORE_TOO_NEW', told)
  t.deepEqual(await readFile(path), before)
})

test('A store of an older version is brought forward and keeps what it holds', async (t) => {
  const folder = await temporaryFolder(t)
  const old = await openDatabase(storeFile(folder), schemaSteps.slice(0, 1))
  await auditTable(old, now, 0).append(anEntry({ requestId: 'of old' }))
  await t.throwsAsync(openStoreOn(old), { code: 'STORE_UNUSABLE' }, 'the old version has no such tables')
  await old.close()
  const { store, attempts } = await openStore(folder)
  t.teardown(() => store.close())
  t.like(await auditTable(store, now, 0).entries(0, 10), [{ sequence: 1, requestId: 'of old' }])
  t.is((await attempts.wrongTries()).size, 0)
})

async function openStoreOn(store: StoreDatabase): Promise<unknown> {
  const { pinAttemptTable } = await import('../../daemon/store/pin-attempt-table.js')
  return pinAttemptTable(store, now)
}

test('A step that fails leaves the store at the step before it', async (t) => {
  const path = await pathFor(t)
  const broken = { sql: 'CREATE TABLE half (a); CREATE TABLE half (b)' }
  await t.throwsAsync(openDatabase(path, [...schemaSteps, broken]), { code: 'STORE_UNUSABLE' })
  const store = await openDatabase(path)
  t.teardown(() => store.close())
  const half = await store.transact((database) =>
    database.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").pluck().get(),
  )
  t.is(half, 0)
})

test('A file that is no database is refused by name', async (t) => {
  const path = await pathFor(t)
  await writeFile(path, 'not a database at all, but long enough to have a header of its own'.repeat(100))
  await refused(t, path, 'STORE_UNUSABLE', /is damaged \(SQLITE_NOTADB\)/)
})

test('A store with a damaged page is refused by name', async (t) => {
  const path = await pathFor(t)
  const store = await openDatabase(path)
  await auditTable(store, now, 0).append(anEntry())
  await store.close()
  const bytes = await readFile(path)
  bytes.fill(0xff, 4096, 8192)
  await writeFile(path, bytes)
  await refused(t, path, 'STORE_UNUSABLE', /damaged \(SQLITE_CORRUPT\)/)
})

test('The database of another program is refused and not changed', async (t) => {
  const path = await pathFor(t)
  const other = new Database(path)
  other.exec('CREATE TABLE songs (title)')
  other.close()
  const before = await readFile(path)
  await refused(t, path, 'STORE_UNUSABLE', /another program/)
  t.deepEqual(await readFile(path), before)
})

test('A store that another daemon uses is refused until that one ends', async (t) => {
  const path = await pathFor(t)
  const first = await openDatabase(path)
  await refused(t, path, 'STORE_UNUSABLE', /in use by another daemon \(SQLITE_BUSY\)/)
  await first.close()
  await (await openDatabase(path)).close()
})

test('A store in a folder that is not there is refused', async (t) => {
  await refused(t, join(await pathFor(t), 'store.db'), 'STORE_UNUSABLE', /ENOTDIR|ENOENT/)
})

test('What does not fit is not there by half, and what fits later is', async (t) => {
  const store = await openDatabase(await pathFor(t), [{ sql: 'CREATE TABLE filler (bytes BLOB)' }])
  t.teardown(() => store.close())
  const fill = () =>
    store.transact((database) => {
      const add = database.prepare('INSERT INTO filler VALUES (?)')
      for (let part = 0; part < 20; part++) add.run(Buffer.alloc(4096))
    })
  await store.transact((database) => database.pragma('max_page_count = 10'))
  await t.throwsAsync(fill(), { code: 'SQLITE_FULL', any: true })
  t.is(await count(store), 0)
  await store.transact((database) => database.pragma('max_page_count = 1000'))
  await fill()
  t.is(await count(store), 20)
})
