import test from 'ava'
import { brokenOff, migrationView } from '../../../daemon/migration/desk/migration-view.js'
import { makeReport } from '../../../daemon/migration/report/make-report.js'
import { readRecord } from '../../../daemon/migration/runner/read-record.js'
import { withFullDisk } from '../../flow/full-disk.js'
import { aBench } from './a-bench.js'
import { anna } from './a-daemon.js'
import { PaperCluster } from './paper-cluster.js'

test.serial('a full disk under the store: nothing is done whose intent could not be written', async (t) => {
  const bench = await aBench(t, { helpsAt: (step) => step !== '05-sign' })
  await bench.begin()
  await bench.waitsAt('05-sign')
  const { migrations, cluster, desk, events } = bench
  await withFullDisk(process.pid, async () => {
    desk.held = { keyId: 'migration:m1:05-sign', holder: 'Anna' }
    t.like(await migrations.ended('m1'), { as: 'broken', problem: { code: 'STORE_UNUSABLE' } })
    await t.throwsAsync(migrations.resume(anna, 'm1'), { code: 'STORE_UNUSABLE' })
  })
  let tries = 0
  const unlock = async () => {
    tries += 1
  }
  await t.throwsAsync(migrations.unlock(anna, 'm1', { step: '05-sign', serial: 'T1' }, unlock), {
    code: 'MIGRATION_NOTHING_TO_ANSWER',
    message: /does not run now/,
  })
  t.is(tries, 0, 'no PIN is tried for a run that has ended')
  const seen = await migrations.view('m1')
  t.not(seen.kept.state, 'stopped', 'the journal took no word')
  t.like(migrationView(seen, []), { state: 'stopped', stopped: { by: 'daemon', code: 'STORE_UNUSABLE' } })
  const broken = brokenOff(seen)
  const record = await readRecord(bench.journal, 'm1')
  const report = makeReport({
    kept: seen.kept,
    record,
    madeAt: '2026-03-02T12:00:00Z',
    ...(broken && { broken }),
  })
  t.is(report.migration.state, 'stopped', 'the report says so, too')
  t.is(report.stops.at(-1)?.code, 'STORE_UNUSABLE')
  t.true(report.inShort.some((line) => line.startsWith('Why it is stopped: ')))
  t.is(events.at(-1)?.type, 'migration.broken')
  t.false(cluster.acts.some((act) => act.startsWith('sign')))
  await migrations.resume(anna, 'm1')
  t.not(migrationView(await migrations.view('m1'), []).state, 'stopped')
  t.deepEqual(await migrations.ended('m1'), { as: 'done' })
  t.is(cluster.count('sign as Anna'), 1)
})

test.serial(
  'a disk that is full when something was done: it is seen to be done, and not done again',
  async (t) => {
    const cluster = new PaperCluster()
    const hands = cluster.hands.bind(cluster)
    let reached: () => void = () => undefined
    let release: () => void = () => undefined
    const restarted = new Promise<void>((resolve) => {
      reached = resolve
    })
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    cluster.hands = (between) => ({
      act: async (action, context) => {
        const outcome = await hands(between).act(action, context)
        if (action.do !== 'restart' || action.node !== 'sub') return outcome
        reached()
        await held
        return outcome
      },
    })
    const bench = await aBench(t, { cluster })
    await bench.begin()
    await restarted
    await withFullDisk(process.pid, async () => {
      release()
      t.like(await bench.migrations.ended('m1'), { as: 'broken' })
    })
    t.is((await bench.migrations.view('m1')).stand.phase, 'in-doubt')
    await bench.migrations.resume(anna, 'm1')
    t.deepEqual(await bench.migrations.ended('m1'), { as: 'done' })
    t.is(cluster.count('restart Cisco Tftp sub'), 1)
  },
)
