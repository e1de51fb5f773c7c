import test from 'ava'
import { migrationTable } from '../../../daemon/store/migration-table.js'
import { temporaryStore } from '../../store/temporary-store.js'
import { aBench, bob } from './a-bench.js'
import { aDaemon, anna, aPerson, liveClock } from './a-daemon.js'
import { PaperCluster } from './paper-cluster.js'
import { aPlan, aSituation } from './sample-plan.js'

const codesOf = (results: readonly PromiseSettledResult<unknown>[]): string[] =>
  results.flatMap((one) => (one.status === 'rejected' ? [(one.reason as { code: string }).code] : []))

test('of two who resume at once one does, and nothing is done twice', async (t) => {
  const bench = await aBench(t, { helpsAt: (step) => step !== '02-backup' })
  const { migrations, cluster } = bench
  await bench.begin()
  await bench.waitsAt('02-backup')
  await migrations.stop(anna, 'm1', '')
  await migrations.ended('m1')
  const both = [migrations.resume(anna, 'm1'), migrations.resume(bob, 'm1')]
  t.deepEqual(codesOf(await Promise.allSettled(both)), ['MIGRATION_RUNS'])
  await migrations.say(anna, 'm1', '02-backup', 'BACKUP_TAKEN', '')
  t.deepEqual(await migrations.ended('m1'), { as: 'done' })
  const { entries } = await migrations.view('m1')
  t.is(entries.filter(({ kind }) => kind === 'resumed').length, 1)
  t.is(cluster.count('compose'), 1)
})

test('a resume and an end at once: one of both', async (t) => {
  const bench = await aBench(t, { helpsAt: () => false })
  const { migrations } = bench
  await bench.begin()
  await bench.waitsAt('02-backup')
  await migrations.stop(anna, 'm1', '')
  await migrations.ended('m1')
  const both = [migrations.abandon(anna, 'm1', ''), migrations.resume(bob, 'm1')]
  t.deepEqual(codesOf(await Promise.allSettled(both)), ['MIGRATION_RUNS'])
  t.is((await migrations.view('m1')).kept.state, 'abandoned')
  t.false((await migrations.view('m1')).isRunning)
})

test('what is begun or resumed while the daemon starts is not begun once more by it', async (t) => {
  const first = await aBench(t, { helpsAt: () => false })
  await first.begin()
  await first.waitsAt('02-backup')
  await first.migrations.close()
  const { cluster, journal } = first
  const onEvent = aPerson(cluster, () => true)
  const second = aDaemon(cluster, journal, { onEvent })
  const both = [second.migrations.resume(anna, 'm1'), second.migrations.start()]
  await Promise.allSettled(both)
  t.deepEqual(await second.migrations.ended('m1'), { as: 'done' })
  const { entries } = await second.migrations.view('m1')
  t.is(entries.filter(({ kind }) => kind === 'resumed').length, 1)
  t.is(second.events.filter(({ type }) => type === 'migration.broken').length, 0)

  const third = aDaemon(cluster, journal, { onEvent, newId: () => 'm2' })
  cluster.nodes.pub = { disk: 'none', served: 'none', starts: {} }
  cluster.nodes.sub = { disk: 'none', served: 'none', starts: {} }
  cluster.mode = 'non-secure'
  const begun = third.migrations.begin(anna, { plan: aPlan(), situation: aSituation() })
  await Promise.all([begun, third.migrations.start()])
  t.deepEqual(await third.migrations.ended('m2'), { as: 'done' })
  t.is((await journal.entries('m2')).filter(({ kind }) => kind === 'resumed').length, 0)
})

test('a clock that is wrong after a reboot stops it, also when entries with the wrong time came since', async (t) => {
  const { store } = await temporaryStore(t)
  let back = 0
  const now = () => Date.now() - back
  const journal = migrationTable(store, () => new Date(now()))
  const clock = { ...liveClock, now }
  const cluster = new PaperCluster()
  const first = aDaemon(cluster, journal, { clock })
  await first.migrations.begin(anna, { plan: aPlan(), situation: aSituation() })
  while ((await first.migrations.view('m1')).stand.phase !== 'told') await new Promise(setImmediate)
  await first.migrations.close()

  back = 3_600_000
  const onEvent = aPerson(cluster, () => true)
  const second = aDaemon(cluster, journal, { clock, onEvent })
  await second.migrations.start()
  t.like(await second.migrations.ended('m1'), { as: 'stopped', why: { code: 'MIGRATION_CLOCK_JUMPED' } })
  const before = (await journal.entries('m1')).length
  const wrong = await t.throwsAsync(second.migrations.resume(anna, 'm1'), { code: 'MIGRATION_CLOCK_JUMPED' })
  t.is(wrong?.message.match(/\d{4}-\d\d-\d\dT[\d:.]+Z/g)?.length, 2, 'both times')
  t.is((await journal.entries('m1')).length, before)

  // The clock was ahead before: a person says so.
  await second.migrations.say(anna, 'm1', '02-backup', 'CLOCK_IS_RIGHT', 'the battery was empty')
  await second.migrations.resume(anna, 'm1')
  t.deepEqual(await second.migrations.ended('m1'), { as: 'done' })
})
