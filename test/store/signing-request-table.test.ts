import test from 'ava'
import { openDatabase, storeFile } from '../../daemon/store/database.js'
import { schemaSteps } from '../../daemon/store/schema.js'
import { signingRequestTable } from '../../daemon/store/signing-request-table.js'
import { NOW, now, temporaryFolder, temporaryStore } from './temporary-store.js'

const anna = { keyId: 'a', name: 'Anna' }
const bob = { keyId: 'b', name: 'Bob' }

test('a request is kept as it was made, the latest first, and the same one once', async (t) => {
  const requests = signingRequestTable((await temporaryStore(t)).store, now)
  await requests.add({ id: '1', text: 'one', principal: anna })
  await requests.add({ id: '2', text: 'two', principal: bob })
  await requests.add({ id: '1', text: 'another', principal: bob })
  const kept = { id: '1', text: 'one', principal: anna, state: 'open' as const, at: NOW.toISOString() }
  t.deepEqual(await requests.get('1'), kept)
  t.deepEqual(
    (await requests.latest(9)).map(({ id }) => id),
    ['2', '1'],
  )
  t.is((await requests.latest(1)).length, 1)
  t.is(await requests.get('3'), undefined)
})

test('an answer is taken once, with who brought it, and survives a restart', async (t) => {
  const folder = await temporaryFolder(t)
  const store = await openDatabase(storeFile(folder))
  const requests = signingRequestTable(store, now)
  await requests.add({ id: '1', text: 'one', principal: anna })
  const file = Uint8Array.of(1, 2, 3)
  t.true(await requests.answer('1', { principal: bob, text: 'yes', file }))
  t.false(await requests.answer('1', { principal: anna, text: 'again', file: Uint8Array.of(9) }))
  t.false(await requests.answer('2', { principal: bob, text: 'yes', file }))
  await store.close()
  const again = await openDatabase(storeFile(folder))
  t.teardown(() => again.close())
  const kept = await signingRequestTable(again, now).get('1')
  t.is(kept?.state, 'signed')
  t.deepEqual(kept?.answered, { at: NOW.toISOString(), principal: bob, text: 'yes', file })
})

test('a store of an older version is brought forward and keeps what it has', async (t) => {
  const folder = await temporaryFolder(t)
  const before = schemaSteps.findIndex(({ sql }) => sql.includes('signing_requests'))
  const old = await openDatabase(storeFile(folder), schemaSteps.slice(0, before))
  await old.transact((database) =>
    database.exec("INSERT INTO audit VALUES (1, '', '', '', '', 'ctl.sign', 'intent', NULL, '{}')"),
  )
  await old.close()
  const store = await openDatabase(storeFile(folder))
  t.teardown(() => store.close())
  const requests = signingRequestTable(store, now)
  await requests.add({ id: '1', text: 'one', principal: anna })
  t.is((await requests.latest(9)).length, 1)
  t.is(await store.transact((database) => database.prepare('SELECT count(*) FROM audit').pluck().get()), 1)
})
