import test from 'ava'
import { BridgeError } from '../../../daemon/bridge-error.js'
import { aBench, type Bench, bob, ids, textOf, why } from './a-bench.js'
import { aDaemon, anna, aPerson, liveClock } from './a-daemon.js'
import { newFile, PaperCluster } from './paper-cluster.js'
import { aPlan, aSituation, backSteps } from './sample-plan.js'

test('an outcome that nobody knows is not sent again; its effect lets the migration go on, or a person says again', async (t) => {
  for (const isDone of [true, false]) {
    const cluster = new PaperCluster()
    const hands = cluster.hands.bind(cluster)
    let sent = 0
    cluster.hands = (between) => ({
      act: async (action, context) => {
        if (action.do !== 'restart' || action.node !== 'sub') return hands(between).act(action, context)
        sent += 1
        if (isDone || sent > 1) await hands(between).act(action, context)
        if (sent > 1) return { lines: [] }
        throw new BridgeError('NODE_OUTCOME_UNKNOWN', 'The connection ended.', { node: 'sub' })
      },
    })
    const bench = await aBench(t, { cluster, helpsAt: (step) => step !== '10-restart' })
    await bench.begin()
    if (!isDone) {
      const rows = await bench.waitsAt('10-restart')
      t.regex(textOf(rows), /not done again by itself/)
      t.is(sent, 1)
      await bench.migrations.again(bob, 'm1', '10-restart', 'looked at the node')
    }
    t.deepEqual(await bench.migrations.ended('m1'), { as: 'done' })
    t.is(sent, isDone ? 1 : 2)
    t.is(cluster.count('restart Cisco Tftp sub'), 1)
  }
})

test('again, said twice, is taken once: what is being done now cannot be in doubt', async (t) => {
  const cluster = new PaperCluster()
  const hands = cluster.hands.bind(cluster)
  let sent = 0
  let second: unknown
  cluster.hands = (between) => ({
    act: async (action, context) => {
      if (action.do !== 'restart' || action.node !== 'sub') return hands(between).act(action, context)
      sent += 1
      if (sent === 1) throw new BridgeError('NODE_OUTCOME_UNKNOWN', 'The connection ended.', { node: 'sub' })
      second = await bench.migrations.again(bob, 'm1', '10-restart', 'once more').catch((error) => error)
      return hands(between).act(action, context)
    },
  })
  const bench: Bench = await aBench(t, { cluster, helpsAt: (step) => step !== '10-restart' })
  await bench.begin()
  await bench.waitsAt('10-restart')
  await bench.migrations.again(bob, 'm1', '10-restart', 'looked at the node')
  t.deepEqual(await bench.migrations.ended('m1'), { as: 'done' })
  t.like(second, { code: 'MIGRATION_NOTHING_TO_ANSWER' })
  t.is(sent, 2)
})

test('an action that the cluster refuses stops the migration with its remedy, and is tried again on resume', async (t) => {
  const cluster = new PaperCluster()
  const hands = cluster.hands.bind(cluster)
  let refusals = 1
  cluster.hands = (between) => ({
    act: async (action, context) => {
      if (action.do === 'set-mode' && refusals-- > 0) {
        throw new BridgeError('NODE_COMMAND_REFUSED', 'Command cannot be executed …', { node: 'pub' })
      }
      return hands(between).act(action, context)
    },
  })
  const bench = await aBench(t, { cluster })
  await bench.begin()
  t.like(await bench.migrations.ended('m1'), { as: 'stopped' })
  const { code, detail, remedy } = await why(bench)
  t.is(code, 'NODE_COMMAND_REFUSED')
  t.regex(detail, /cannot be executed/)
  t.true(remedy.length > 10)
  t.is((await bench.migrations.view('m1')).kept.state, 'stopped')
  await bench.migrations.resume(bob, 'm1')
  t.deepEqual(await bench.migrations.ended('m1'), { as: 'done' })
  t.is(cluster.count('set-mode mixed'), 1)
})

test('somebody else who changes a file or the mode stops the migration, wherever it stands', async (t) => {
  const strangers: readonly [string, (cluster: PaperCluster) => void, RegExp][] = [
    [
      '02-backup',
      ({ nodes }) => Object.assign(nodes.sub ?? {}, { served: newFile }),
      /sub serves a file .*not no file/,
    ],
    [
      '02-backup',
      (cluster) => Object.assign(cluster, { mode: 'mixed' }),
      /the mode is mixed, not non-secure/,
    ],
    ['06-stop', ({ nodes }) => Object.assign(nodes.pub ?? {}, { served: new Uint8Array(9) }), /pub serves/],
  ]
  for (const [step, change, told] of strangers) {
    const bench = await aBench(t, { helpsAt: (at) => at !== step })
    await bench.begin()
    await bench.waitsAt(step)
    change(bench.cluster)
    t.like(await bench.migrations.ended('m1'), { as: 'stopped' })
    const { code, detail } = await why(bench)
    t.is(code, 'MIGRATION_CLUSTER_CHANGED')
    t.regex(detail, told)
    t.false(bench.cluster.acts.includes('set-mode mixed'))
    const before = bench.cluster.acts.length
    await bench.migrations.resume(anna, 'm1')
    t.like(await bench.migrations.ended('m1'), { as: 'stopped' }, 'it is still so')
    t.is(bench.cluster.acts.length, before)
  }
})

test('a file that is replaced behind the back after it was read back stops the migration before phones are reset', async (t) => {
  const cluster = new PaperCluster()
  const restart = cluster.resetPhones.bind(cluster)
  cluster.resetPhones = (which) => {
    restart(which)
    if (which === 'pilots') cluster.node('sub').served = new Uint8Array(3)
  }
  const bench = await aBench(t, { cluster })
  await bench.begin()
  await bench.migrations.ended('m1')
  t.is((await why(bench)).code, 'MIGRATION_CLUSTER_CHANGED')
  t.false(cluster.acts.includes('reset-phones all'))
})

test('a step whose needs do not hold is not begun, and says what must hold', async (t) => {
  const cluster = new PaperCluster()
  const restart = cluster.restart.bind(cluster)
  // The node comes up without the new file: it stays unread, so that only the needs tell.
  const plan = aPlan({ steps: aPlan().steps.filter(({ id }) => id !== '11-read-back') })
  cluster.restart = (name, service) => {
    if (name === 'pub') restart(name, service)
    else cluster.node(name).starts[service] = 1
  }
  const bench = await aBench(t, { cluster })
  await bench.begin(plan)
  await bench.migrations.ended('m1')
  const { code, detail } = await why(bench)
  t.is(code, 'MIGRATION_NEEDS_UNMET')
  t.regex(detail, /Before “Do 12-pilots” this must hold: pub, sub: serves the new file; .*sub: serves none/)
  t.is(cluster.resets, 0)
  restart('sub', 'Cisco Tftp')
  await bench.migrations.resume(anna, 'm1')
  t.deepEqual(await bench.migrations.ended('m1'), { as: 'done' })
})

test('a person stops it while something is being done: that is finished and recorded, and nothing after it begun', async (t) => {
  let go: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    go = resolve
  })
  const cluster = new PaperCluster()
  let reached: () => void = () => undefined
  const publishing = new Promise<void>((resolve) => {
    reached = resolve
  })
  const bench = await aBench(t, {
    cluster,
    async between() {
      if (cluster.acts.at(-1) !== 'publish pub') return
      reached()
      await held
    },
  })
  await bench.begin()
  await publishing
  await bench.migrations.stop(bob, 'm1', 'wrong night')
  await t.throwsAsync(bench.migrations.stop(bob, 'm1', ''), { code: 'MIGRATION_NOTHING_TO_ANSWER' })
  go()
  t.like(await bench.migrations.ended('m1'), {
    as: 'stopped',
    why: { detail: 'Bob stopped it: wrong night' },
  })
  t.is(cluster.acts.at(-1), 'publish sub')
  const { stand, kept } = await bench.migrations.view('m1')
  t.is(stand.phase, 'acted')
  t.is(kept.state, 'stopped')
  await bench.migrations.resume(anna, 'm1')
  t.deepEqual(await bench.migrations.ended('m1'), { as: 'done' })
  t.is(cluster.count('publish pub'), 1)
})

test('a clock that went back stops it before the next thing is done', async (t) => {
  let back = 0
  const clock = { ...liveClock, now: () => Date.now() - back }
  const bench = await aBench(t, { clock, helpsAt: (step) => step !== '06-stop' })
  await bench.begin()
  await bench.waitsAt('06-stop')
  back = 3_600_000
  t.like(await bench.migrations.ended('m1'), { as: 'stopped', why: { code: 'MIGRATION_CLOCK_JUMPED' } })
  back = 0
  await bench.migrations.resume(anna, 'm1')
  await bench.migrations.say(anna, 'm1', '06-stop', 'GO', '')
  t.deepEqual(await bench.migrations.ended('m1'), { as: 'done' })
})

test('what was stopped stays stopped when the daemon starts; what waited goes on', async (t) => {
  const bench = await aBench(t, { helpsAt: () => false })
  await bench.begin()
  await bench.waitsAt('02-backup')
  await bench.migrations.close()
  const { cluster, journal } = bench
  const person = aPerson(cluster, () => true)
  const second = aDaemon(cluster, journal, {})
  await second.migrations.start()
  await second.migrations.stop(anna, 'm1', '')
  t.like(await second.migrations.ended('m1'), { as: 'stopped' })
  const third = aDaemon(cluster, journal, { onEvent: person })
  await third.migrations.start()
  t.false((await third.migrations.view('m1')).isRunning)
  await third.migrations.resume(anna, 'm1')
  t.deepEqual(await third.migrations.ended('m1'), { as: 'done' })
})

test('a way back is refused while the migration runs, and ends it when it begins', async (t) => {
  const bench = await aBench(t, { helpsAt: () => false, newId: ids() })
  await bench.begin()
  await bench.waitsAt('02-backup')
  const back = { plan: aPlan(), situation: aSituation(), rollbackOf: 'm1' }
  await t.throwsAsync(bench.migrations.begin(anna, back), { code: 'MIGRATION_RUNS' })
  await bench.migrations.stop(anna, 'm1', '')
  await bench.migrations.ended('m1')
  await bench.migrations.begin(anna, back)
  t.is((await bench.migrations.view('m1')).kept.state, 'abandoned')
  await bench.journal.setState('m2', 'done')
  t.is((await bench.migrations.view('m1')).kept.state, 'rolled-back')
})

test('a way back gives each node what it had before, keeps what it has now, and makes the first migration rolled back', async (t) => {
  const cluster = new PaperCluster()
  const { nodes } = cluster
  const old = (name: string) => new TextEncoder().encode(`old file of ${name}`)
  for (const name of ['pub', 'sub']) Object.assign(cluster.node(name), { disk: old(name), served: old(name) })
  const situation = () => {
    const { nodes: known, ...rest } = aSituation({ mode: { seen: cluster.mode, at: 'pub' } })
    const ctl = (name: string) => ({ seen: nodes[name]?.served ?? 'none', at: name }) as const
    return { ...rest, nodes: known.map((node) => ({ ...node, ctl: ctl(node.name) })) }
  }
  const bench = await aBench(t, { cluster, newId: ids() })
  const { migrations, journal } = bench
  cluster.resetPhones = () => undefined
  await migrations.begin(anna, { plan: aPlan(), situation: situation() })
  await bench.waitsAt('12-pilots')
  t.deepEqual(nodes.sub?.served, newFile)
  await migrations.stop(bob, 'm1', 'pilots do not come up')
  await migrations.ended('m1')
  const plan = aPlan({ steps: backSteps })
  await migrations.begin(bob, { plan, situation: situation(), rollbackOf: 'm1' })
  t.deepEqual(await migrations.ended('m2'), { as: 'done' })
  for (const name of ['pub', 'sub']) {
    t.deepEqual(nodes[name]?.served, old(name))
    t.deepEqual(await journal.artifact('m2', `before/${name}/CTLFile.tlv`), newFile)
  }
  t.is((await migrations.view('m1')).kept.state, 'rolled-back')
})

test('nothing is published over a file of which no copy is kept', async (t) => {
  const cluster = new PaperCluster()
  const hands = cluster.hands.bind(cluster)
  cluster.hands = (between) => ({
    act: async (action, context) =>
      action.do === 'keep-files' ? { lines: [] } : hands(between).act(action, context),
  })
  const bench = await aBench(t, { cluster })
  await bench.begin()
  await bench.migrations.ended('m1')
  t.is((await why(bench)).code, 'MIGRATION_NO_COPY')
  t.false(cluster.acts.includes('publish pub'))
})
