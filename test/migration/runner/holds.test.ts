import test from 'ava'
import type { PhoneReading } from '../../../daemon/migration/runner/eyes.js'
import { aBench, bob, textOf } from './a-bench.js'
import { anna } from './a-daemon.js'
import { hash, newFile, PaperCluster } from './paper-cluster.js'
import { aPlan } from './sample-plan.js'

test('a word on all other phones counts at the step at which all are reset, never from the pilots', async (t) => {
  const cluster = new PaperCluster()
  const eyes = cluster.eyes.bind(cluster)
  const shown = new Map<string, readonly PhoneReading[]>()
  cluster.eyes = () => ({
    ...eyes(),
    see: (condition, context) => {
      shown.set(context.step.id, context.readings)
      return eyes().see(condition, context)
    },
  })
  const reset = cluster.resetPhones.bind(cluster)
  cluster.resetPhones = (which) => {
    reset(which)
    cluster.phones.SEP01 = 'the old file'
  }
  const bench = await aBench(t, { cluster })
  const { migrations } = bench
  await bench.begin()
  await bench.waitsAt('12-pilots')
  const word: PhoneReading = { device: '*', took: 'accepted' }
  const one: PhoneReading = { device: 'SEP01', took: 'accepted' }
  await migrations.enterReadings(bob, 'm1', '12-pilots', [one, word])
  cluster.phones.SEP01 = hash(newFile)
  await bench.waitsAt('13-all')
  t.deepEqual(shown.get('13-all'), [one])
  await migrations.enterReadings(bob, 'm1', '13-all', [word])
  cluster.phones.SEP01 = hash(newFile)
  await migrations.ended('m1')
  t.deepEqual(shown.get('13-all'), [one, word])
})

test('what the hard stop needs must hold when somebody says GO, not only when it was told', async (t) => {
  const steps = aPlan().steps.map((step) =>
    step.id === '06-stop'
      ? { ...step, needs: [{ is: 'tvs-trusts', sha256: ['aa'], role: 0, nodes: ['pub', 'sub'] } as const] }
      : step,
  )
  const bench = await aBench(t, { helpsAt: (step) => step !== '06-stop' })
  const { cluster, migrations } = bench
  await bench.begin(aPlan({ steps }))
  await bench.waitsAt('06-stop', (rows) => textOf(rows).includes('GO'))
  cluster.trusted.delete('aa')
  await bench.waitsAt('06-stop', (rows) => textOf(rows).includes('TVS vouches'))
  await t.throwsAsync(migrations.say(anna, 'm1', '06-stop', 'GO', ''), {
    code: 'MIGRATION_NOTHING_TO_ANSWER',
    message: /TVS vouches/,
  })
  t.false(cluster.acts.includes('set-mode mixed'))
  cluster.trusted.add('aa')
  await migrations.say(anna, 'm1', '06-stop', 'GO', '')
  t.deepEqual(await migrations.ended('m1'), { as: 'done' })
})
