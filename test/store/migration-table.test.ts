import test, { type ExecutionContext } from 'ava'
import { openDatabase, type StoreDatabase, storeFile } from '../../daemon/store/database.js'
import type { MigrationJournal, NewEntry, NewMigration } from '../../daemon/store/migration-journal.js'
import { migrationTable } from '../../daemon/store/migration-table.js'
import { schemaSteps } from '../../daemon/store/schema.js'
import { withFullDisk } from '../flow/full-disk.js'
import { NOW, now, temporaryFolder } from './temporary-store.js'

const anna = { keyId: 'a', name: 'Anna' }
const bob = { keyId: 'b', name: 'Bob' }

const aMigration = (over: Partial<NewMigration> = {}): NewMigration => ({
  id: 'm1',
  cluster: 'lab',
  planId: 'tokenless-to-tokens',
  plan: '{"steps":[]}',
  situation: '{}',
  startedBy: anna,
  ...over,
})

const anEntry = (over: Partial<NewEntry> = {}): NewEntry => ({
  step: '01-keep',
  kind: 'intent',
  principal: anna,
  facts: { marks: {} },
  ...over,
})

async function openJournal(t: ExecutionContext, folder?: string) {
  const store = await openDatabase(storeFile(folder ?? (await temporaryFolder(t))))
  t.teardown(() => store.close())
  return { store, journal: migrationTable(store, now) }
}

const count = (store: StoreDatabase, table: string): Promise<unknown> =>
  store.transact((database) => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get())

const sequences = async (journal: MigrationJournal): Promise<number[]> =>
  (await journal.entries('m1')).map(({ sequence }) => sequence)

test('a migration, its entries and its files survive a restart as they were written', async (t) => {
  const folder = await temporaryFolder(t)
  const first = await openDatabase(storeFile(folder))
  const before = migrationTable(first, now)
  await before.begin(aMigration())
  await before.append('m1', anEntry())
  await before.append('m1', anEntry({ kind: 'said', principal: bob, facts: { statement: 'GO' } }), {
    state: 'waiting',
  })
  await before.keep('m1', 'new', Uint8Array.of(1, 2, 3))
  await before.keep('m1', 'before/pub/CTLFile.tlv', 'none')
  await first.close()
  const { journal } = await openJournal(t, folder)
  const at = NOW.toISOString()
  t.deepEqual(await journal.get('m1'), { ...aMigration(), state: 'waiting', startedAt: at })
  t.deepEqual(await journal.entries('m1'), [
    { sequence: 1, at, ...anEntry() },
    { sequence: 2, at, ...anEntry({ kind: 'said', principal: bob, facts: { statement: 'GO' } }) },
  ])
  t.deepEqual(await journal.artifact('m1', 'new'), Uint8Array.of(1, 2, 3))
  t.is(await journal.artifact('m1', 'before/pub/CTLFile.tlv'), 'none')
  t.is(await journal.artifact('m1', 'draft'), undefined)
  t.deepEqual(await journal.artifacts('m1'), [
    { name: 'before/pub/CTLFile.tlv', sha256: undefined, length: 0 },
    // openssl dgst -sha256 of 01 02 03
    { name: 'new', sha256: '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81', length: 3 },
  ])
})

test('a second migration of the same cluster is refused until the first has ended; another cluster is free', async (t) => {
  const { journal, store } = await openJournal(t)
  await journal.begin(aMigration())
  for (const state of ['running', 'waiting', 'stopped'] as const) {
    await journal.setState('m1', state)
    const error = await t.throwsAsync(journal.begin(aMigration({ id: 'm2' })), { code: 'MIGRATION_OPEN' })
    t.like(error, { place: { cluster: 'lab', migration: 'm1' } })
  }
  t.is(await count(store, 'migrations'), 1)
  await journal.begin(aMigration({ id: 'other', cluster: 'lab2' }))
  await journal.setState('m1', 'abandoned')
  await journal.begin(aMigration({ id: 'm2' }))
  t.is((await journal.openOf('lab'))?.id, 'm2')
  t.deepEqual(
    (await journal.latest(2)).map(({ id }) => id),
    ['m2', 'other'],
  )
  t.deepEqual(
    (await journal.allOpen()).map(({ id }) => id),
    ['other', 'm2'],
  )
})

test('the file itself holds that there is one open migration of a cluster', async (t) => {
  const { store, journal } = await openJournal(t)
  await journal.begin(aMigration())
  const insert = store.transact((database) =>
    database.exec("INSERT INTO migrations VALUES ('m2', 9, 'lab', '', '', '', 'stopped', '', '', '', NULL)"),
  )
  await t.throwsAsync(insert, { code: 'SQLITE_CONSTRAINT_UNIQUE', any: true })
})

test('a way back ends the migration that it takes back, and is told of once it is done', async (t) => {
  const { journal } = await openJournal(t)
  const stateOf = async (id: string) => (await journal.get(id))?.state
  await journal.begin(aMigration())
  await t.throwsAsync(journal.begin(aMigration({ id: 'b', cluster: 'lab2', rollbackOf: 'm1' })), {
    code: 'MIGRATION_UNKNOWN',
  })
  t.is(await stateOf('m1'), 'running')
  await journal.begin(aMigration({ id: 'back', rollbackOf: 'm1' }))
  t.is(await stateOf('m1'), 'abandoned')
  t.is((await journal.get('back'))?.rollbackOf, 'm1')
  await journal.append('back', anEntry(), { state: 'done' })
  t.is(await stateOf('m1'), 'rolled-back')
})

test('an entry is not written when somebody wrote meanwhile, and never when the migration has ended', async (t) => {
  const { journal } = await openJournal(t)
  await journal.begin(aMigration())
  t.is((await journal.append('m1', anEntry(), { after: 0 }))?.sequence, 1)
  t.is(await journal.append('m1', anEntry(), { after: 0, state: 'stopped' }), undefined)
  t.is((await journal.get('m1'))?.state, 'running')
  t.is((await journal.append('m1', anEntry(), { after: 1 }))?.sequence, 2)
  await Promise.all([1, 2, 3].map(() => journal.append('m1', anEntry())))
  t.deepEqual(await sequences(journal), [1, 2, 3, 4, 5])
  t.is((await journal.entries('m1', 3)).length, 2)
  await journal.setState('m1', 'done')
  await t.throwsAsync(journal.append('m1', anEntry()), { code: 'MIGRATION_ENDED' })
  await t.throwsAsync(journal.setState('m1', 'running'), { code: 'MIGRATION_ENDED' })
  await t.throwsAsync(journal.append('m9', anEntry()), { code: 'MIGRATION_UNKNOWN' })
})

test('nobody changes or deletes what was written', async (t) => {
  const { store, journal } = await openJournal(t)
  await journal.begin(aMigration())
  await journal.append('m1', anEntry())
  for (const sql of ["UPDATE migration_entries SET facts = '{}'", 'DELETE FROM migration_entries']) {
    await t.throwsAsync(
      store.transact((database) => database.exec(sql)),
      { message: /only added to/, any: true },
    )
  }
  t.deepEqual(await sequences(journal), [1])
})

test('what is kept first under a name stays', async (t) => {
  const { journal } = await openJournal(t)
  await journal.begin(aMigration())
  t.deepEqual(await journal.keep('m1', 'draft', Uint8Array.of(1)), Uint8Array.of(1))
  t.deepEqual(await journal.keep('m1', 'draft', Uint8Array.of(2)), Uint8Array.of(1))
  t.is(await journal.keep('m1', 'gone', 'none'), 'none')
  t.is(await journal.keep('m1', 'gone', Uint8Array.of(2)), 'none')
})

test('a store of the version before is brought forward and keeps what it has', async (t) => {
  const folder = await temporaryFolder(t)
  const before = schemaSteps.findIndex(({ sql }) => sql.includes('CREATE TABLE migrations'))
  const old = await openDatabase(storeFile(folder), schemaSteps.slice(0, before))
  await old.transact((database) =>
    database.exec("INSERT INTO audit VALUES (1, '', '', '', '', 'ctl.sign', 'intent', NULL, '{}')"),
  )
  await old.close()
  const { store, journal } = await openJournal(t, folder)
  await journal.begin(aMigration())
  t.is(await count(store, 'audit'), 1)
})

test.serial('on a full disk nothing is begun, written or kept by half', async (t) => {
  const { journal, store } = await openJournal(t)
  await journal.begin(aMigration())
  await withFullDisk(process.pid, async () => {
    await t.throwsAsync(journal.begin(aMigration({ id: 'm2', cluster: 'lab2' })), { code: 'STORE_UNUSABLE' })
    await t.throwsAsync(journal.append('m1', anEntry(), { state: 'waiting' }), { code: 'STORE_UNUSABLE' })
    await t.throwsAsync(journal.keep('m1', 'new', new Uint8Array(100_000)), { code: 'STORE_UNUSABLE' })
  })
  t.is(await count(store, 'migrations'), 1)
  t.is((await journal.get('m1'))?.state, 'running')
  t.is(await journal.artifact('m1', 'new'), undefined)
  await journal.append('m1', anEntry())
  t.deepEqual(await sequences(journal), [1])
})

test('several entries are written together, or none of them', async (t) => {
  const { journal } = await openJournal(t)
  await journal.begin(aMigration())
  t.is((await journal.appendAll('m1', [anEntry(), anEntry({ principal: bob })]))?.length, 2)
  t.deepEqual(await sequences(journal), [1, 2])
  t.is(await journal.appendAll('m1', [anEntry(), anEntry()], { after: 1 }), undefined)
  const wrong = { ...anEntry(), kind: 'thought' } as unknown as NewEntry
  await t.throwsAsync(journal.appendAll('m1', [anEntry(), wrong]))
  t.deepEqual(await sequences(journal), [1, 2], 'the first of the two is not there either')
})
