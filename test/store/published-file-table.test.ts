import { randomBytes } from 'node:crypto'
import test from 'ava'
import { openDatabase, storeFile } from '../../daemon/store/database.js'
import { publishedFileTable } from '../../daemon/store/published-file-table.js'
import { publishingProbeTable } from '../../daemon/store/publishing-probe-table.js'
import { schemaSteps } from '../../daemon/store/schema.js'
import { NOW, now, temporaryFolder, temporaryStore } from './temporary-store.js'

const anna = { keyId: 'a', name: 'Anna' }
const entry = { cluster: 'berlin', node: 'pub', file: 'CTLFile.tlv', principal: anna, requestId: 'r' }

test('what was there is kept byte for byte, through a restart; each content once', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await openDatabase(storeFile(folder))
  const files = publishedFileTable(store, now)
  const [old, served, fresh] = [randomBytes(70_000), randomBytes(3), randomBytes(5)]
  const first = await files.keep({ ...entry, target: old, served, bytes: fresh })
  await files.keep({ ...entry, node: 'sub', target: old, served: old, bytes: fresh })
  t.is(
    await store.transact((database) => database.prepare('SELECT count(*) FROM file_bytes').pluck().get()),
    3,
  )
  await store.close()
  const again = await openDatabase(storeFile(folder))
  t.teardown(() => again.close())
  const kept = publishedFileTable(again, now)
  const found = await kept.get(first)
  t.like(found, { ...entry, at: NOW.toISOString(), id: first })
  t.false('outcome' in (found ?? {}))
  for (const [sha256, bytes] of [
    [found?.before.target, old],
    [found?.before.served, served],
    [found?.sha256, fresh],
  ] as const) {
    t.true(bytes.equals((await kept.bytes(sha256 ?? '')) ?? new Uint8Array()))
  }
  t.is(await kept.bytes('0'), undefined)
  t.is(await kept.get(99), undefined)
})

test('no file before is a state, and so is one that could not be looked at', async (t) => {
  const files = publishedFileTable((await temporaryStore(t)).store, now)
  const bytes = Uint8Array.of(1)
  const none = await files.keep({ ...entry, target: null, served: undefined, bytes })
  const unseen = await files.keep({ ...entry, target: undefined, served: null, bytes })
  t.deepEqual((await files.get(none))?.before, { target: null })
  t.deepEqual((await files.get(unseen))?.before, { served: null })
})

test('the latest of a cluster come first, with their outcome', async (t) => {
  const files = publishedFileTable((await temporaryStore(t)).store, now)
  const bytes = Uint8Array.of(1)
  const ids = []
  for (const node of ['a', 'b', 'c']) {
    ids.push(await files.keep({ ...entry, node, target: null, served: null, bytes }))
  }
  await files.keep({ ...entry, cluster: 'bonn', target: null, served: null, bytes })
  await files.finish(ids[2] ?? 0, 'published')
  const latest = await files.latest('berlin', 2)
  t.deepEqual(
    latest.map(({ node, outcome }) => [node, outcome]),
    [
      ['c', 'published'],
      ['b', undefined],
    ],
  )
})

test('a probe of a node and release takes the place of the one before', async (t) => {
  const probes = publishingProbeTable((await temporaryStore(t)).store, now)
  const found = { cluster: 'berlin', node: 'sub', file: 'CTLFile.tlv', to: 'sftp', principal: anna }
  await probes.remember({ ...found, release: '10.5.2', outcome: 'fails', evidence: ['one'] })
  await probes.remember({ ...found, release: '10.5.2', outcome: 'works', evidence: ['two', 'three'] })
  await probes.remember({ ...found, release: '', outcome: 'works-as-said', evidence: [] })
  t.deepEqual(await probes.all('berlin'), [
    { ...found, at: NOW.toISOString(), release: '', outcome: 'works-as-said', evidence: [] },
    { ...found, at: NOW.toISOString(), release: '10.5.2', outcome: 'works', evidence: ['two', 'three'] },
  ])
  t.deepEqual(await probes.all('bonn'), [])
})

test('a store of before publishing is brought forward', async (t) => {
  const folder = await temporaryFolder(t)
  const before = schemaSteps.findIndex(({ sql }) => sql.includes('published_files'))
  await (await openDatabase(storeFile(folder), schemaSteps.slice(0, before))).close()
  const store = await openDatabase(storeFile(folder))
  t.teardown(() => store.close())
  const files = publishedFileTable(store, now)
  t.is(await files.keep({ ...entry, target: null, served: null, bytes: Uint8Array.of(1) }), 1)
})
