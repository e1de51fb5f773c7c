import test, { type ExecutionContext } from 'ava'
import { BridgeError } from '../../../daemon/bridge-error.js'
import type { Plan } from '../../../daemon/migration/plan/plan.js'
import type { PreflightFinding } from '../../../daemon/migration/preflight/finding.js'
import type { MigrationEvent } from '../../../daemon/migration/runner/migration-event.js'
import type { SeenRow } from '../../../daemon/migration/runner/run-entry.js'
import { migrationTable } from '../../../daemon/store/migration-table.js'
import { TokenError } from '../../../drivers/token.js'
import { withFullDisk } from '../../flow/full-disk.js'
import { temporaryStore } from '../../store/temporary-store.js'
import { aDaemon, anna, aPerson, type DaemonOptions, liveClock, type PaperDaemon } from './a-daemon.js'
import { hash, newFile, PaperCluster } from './paper-cluster.js'
import { aPlan, aSituation, backSteps } from './sample-plan.js'

const bob = { principal: { keyId: 'b', name: 'Bob', scopes: [] }, requestId: 'r2' }

interface Bench extends PaperDaemon {
  readonly cluster: PaperCluster
  readonly journal: ReturnType<typeof migrationTable>
  /** Resolves with what it waits for, once it waits at that step and `isIt` takes it. */
  readonly waitsAt: (
    step: string,
    isIt?: (rows: readonly SeenRow[]) => boolean,
  ) => Promise<readonly SeenRow[]>
  readonly begin: (plan?: Plan) => Promise<unknown>
}

interface BenchOptions extends DaemonOptions {
  /** Steps at which the person answers; all when it is not given. */
  readonly helpsAt?: (step: string) => boolean
  readonly cluster?: PaperCluster
}

async function aBench(t: ExecutionContext, options: BenchOptions = {}): Promise<Bench> {
  const { cluster = new PaperCluster(), helpsAt = () => true } = options
  const journal = migrationTable((await temporaryStore(t)).store, () => new Date())
  const person = aPerson(cluster, () => true)
  const waiting = new Set<(event: MigrationEvent) => void>()
  const daemon = aDaemon(cluster, journal, {
    ...options,
    onEvent(event, self) {
      if (event.type === 'migration.waits' && helpsAt(event.data.step)) person(event, self)
      for (const hear of waiting) hear(event)
    },
  })
  t.teardown(() => daemon.migrations.close())
  return {
    ...daemon,
    cluster,
    journal,
    begin: (plan = aPlan()) => daemon.migrations.begin(anna, { plan, situation: aSituation() }),
    waitsAt: (step, isIt = () => true) =>
      new Promise((resolve) => {
        const hear = (event: MigrationEvent) => {
          if (event.type !== 'migration.waits' || event.data.step !== step || !isIt(event.data.for)) return
          waiting.delete(hear)
          resolve(event.data.for)
        }
        for (const event of daemon.events) hear(event)
        waiting.add(hear)
      }),
  }
}

const why = async ({ migrations }: Bench): Promise<{ code: string; detail: string; remedy: string }> => {
  const { stand } = await migrations.view('m1')
  return { code: '', detail: '', remedy: '', ...stand.stopped }
}

const textOf = (rows: readonly SeenRow[]): string => JSON.stringify(rows)

test('a migration goes through, and the journal says who did what', async (t) => {
  const bench = await aBench(t)
  await bench.begin()
  t.deepEqual(await bench.migrations.ended('m1'), { as: 'done' })
  const { entries, kept, stand } = await bench.migrations.view('m1')
  t.is(kept.state, 'done')
  t.is(stand.done.length, aPlan().steps.length)
  t.deepEqual(kept.startedBy, { keyId: 'a', name: 'Anna' })
  const kinds = entries.filter(({ step }) => step === '07-mode').map(({ kind }) => kind)
  t.deepEqual(kinds, ['intent', 'outcome', 'observed'])
  t.true(bench.cluster.acts.includes('sign as Anna, for step 05-sign of migration m1'))
  t.deepEqual(
    bench.cluster.acts.filter((act) => act.startsWith('reset')),
    ['reset-phones pilots', 'reset-phones all'],
  )
  const told = bench.events.filter(({ type }) => type === 'migration.entry').length
  t.is(told, entries.length, 'each entry is an event')
  await t.throwsAsync(bench.migrations.say(anna, 'm1', '13-all', 'BACKUP_TAKEN', ''), {
    code: 'MIGRATION_STEP_NOT_CURRENT',
  })
})

test('what is there already is neither asked for nor done', async (t) => {
  const bench = await aBench(t)
  const { cluster, migrations } = bench
  for (const one of ['aa', 'bb']) cluster.trusted.add(one)
  const steps = aPlan().steps.map((step) =>
    step.id === '08-publish'
      ? { ...step, until: [{ is: 'serves', what: 'new', nodes: ['pub', 'sub'] } as const] }
      : step,
  )
  cluster.makeFile = () => {
    for (const node of Object.values(cluster.nodes)) Object.assign(node, { disk: newFile, served: newFile })
  }
  await bench.begin(aPlan({ steps }))
  t.deepEqual(await migrations.ended('m1'), { as: 'done' })
  const { entries } = await migrations.view('m1')
  for (const step of ['03-upload', '08-publish']) {
    const own = entries.filter((entry) => entry.step === step)
    t.like(own, [{ kind: 'observed', facts: { already: true } }], step)
    t.is(own.length, 1)
  }
  t.false(cluster.acts.includes('publish pub'))
  // Service and phones were there before as well: only what was done by this migration counts.
  t.is(cluster.count('restart Cisco Tftp pub'), 1)
})

test('a second migration of the cluster is refused while one is open', async (t) => {
  const bench = await aBench(t, { helpsAt: () => false, newId: ids() })
  await bench.begin()
  await bench.waitsAt('02-backup')
  await t.throwsAsync(bench.begin(), { code: 'MIGRATION_OPEN' })
  await bench.migrations.stop(bob, 'm1', 'tea')
  await t.throwsAsync(bench.begin(), { code: 'MIGRATION_OPEN' })
  await bench.migrations.abandon(bob, 'm1', 'no')
  await bench.begin()
  t.is((await bench.migrations.view('m1')).kept.state, 'abandoned')
  t.is((await bench.journal.openOf('lab'))?.id, 'm4', 'the refused ones left nothing behind')
})

test('answers to a step that is not the current one, and to what was not asked, are refused', async (t) => {
  const bench = await aBench(t, { helpsAt: (step) => step !== '06-stop' })
  bench.cluster.findings = [aWarning(1), anError]
  await bench.begin()
  const { migrations } = bench
  await bench.waitsAt('06-stop', (rows) => textOf(rows).includes('NODE_UNREACHABLE'))
  const refusals: [Promise<void>, string, RegExp][] = [
    [migrations.say(anna, 'm1', '02-backup', 'BACKUP_TAKEN', ''), 'MIGRATION_STEP_NOT_CURRENT', /06-stop/],
    [migrations.say(anna, 'm1', '99', 'GO', ''), 'MIGRATION_STEP_NOT_CURRENT', /not at 99/],
    [
      migrations.acknowledge(anna, 'm1', '06-stop', 'SHA512_SET', ''),
      'MIGRATION_NOTHING_TO_ANSWER',
      /not found/,
    ],
    [migrations.acknowledge(anna, 'm1', '06-stop', anError.code, ''), 'MIGRATION_NOTHING_TO_ANSWER', /error/],
    [migrations.again(anna, 'm1', '06-stop', ''), 'MIGRATION_NOTHING_TO_ANSWER', /Nothing was begun/],
    [migrations.resume(anna, 'm1'), 'MIGRATION_RUNS', /under way/],
    [migrations.abandon(anna, 'm1', ''), 'MIGRATION_RUNS', /under way/],
    [migrations.resume(anna, 'm7'), 'MIGRATION_UNKNOWN', /m7/],
  ]
  for (const [asked, code, message] of refusals) await t.throwsAsync(asked, { code, message })
  t.is((await migrations.view('m1')).entries.filter(({ kind }) => kind === 'acknowledged').length, 0)
})

test('the hard stop holds until no error is left, each warning is acknowledged as it is now, and then GO is said', async (t) => {
  const bench = await aBench(t, { helpsAt: (step) => step !== '06-stop' })
  const { cluster, migrations } = bench
  cluster.findings = [aWarning(1), anError]
  await bench.begin()
  await bench.waitsAt('06-stop', (rows) => textOf(rows).includes('NODE_UNREACHABLE'))
  await migrations.say(anna, 'm1', '06-stop', 'GO', 'too early')
  cluster.findings = [aWarning(1)]
  await bench.waitsAt('06-stop', (rows) => !textOf(rows).includes('NODE_UNREACHABLE'))
  await migrations.acknowledge(bob, 'm1', '06-stop', 'DEVICES_WITHOUT_SBD', 'visit planned')
  await bench.waitsAt(
    '06-stop',
    (rows) => textOf(rows) === '[{"what":"somebody says GO","holds":false,"evidence":[]}]',
  )
  // Ten devices were acknowledged, not nine hundred.
  cluster.findings = [aWarning(900)]
  const rows = await bench.waitsAt('06-stop', (all) => textOf(all).includes('900'))
  t.regex(textOf(rows), /acknowledges DEVICES_WITHOUT_SBD.*says GO/)
  await migrations.say(anna, 'm1', '06-stop', 'GO', '')
  await bench.waitsAt('06-stop', (all) => !textOf(all).includes('GO'))
  t.false(cluster.acts.includes('set-mode mixed'))
  await migrations.acknowledge(bob, 'm1', '06-stop', 'DEVICES_WITHOUT_SBD', 'all 900')
  t.deepEqual(await migrations.ended('m1'), { as: 'done' })
})

test('another token is told in the words that people search for, and no PIN is tried', async (t) => {
  const bench = await aBench(t, { helpsAt: (step) => step !== '05-sign' })
  bench.desk.plugged = [{ serial: 'T2', label: 'Token two' }]
  await bench.begin()
  const rows = await bench.waitsAt('05-sign')
  const legacy =
    /The Security Token you have inserted does not exist in the CTL File.*T1.*T2.*No PIN was tried/
  t.regex(textOf(rows), legacy)
  let tries = 0
  const unlock = async () => {
    tries += 1
  }
  const { migrations } = bench
  const refused = migrations.unlock(bob, 'm1', { step: '05-sign', serial: 'T2' }, unlock)
  await t.throwsAsync(refused, {
    code: 'MIGRATION_TOKEN_NOT_PLANNED',
    message: /does not exist in the CTL File/,
  })
  await t.throwsAsync(migrations.unlock(bob, 'm1', { step: '04-compose', serial: 'T1' }, unlock), {
    code: 'MIGRATION_STEP_NOT_CURRENT',
  })
  t.is(tries, 0)
  bench.desk.plugged = []
  await bench.waitsAt('05-sign', (all) => textOf(all).includes('It is not plugged in.'))
  bench.desk.plugged = [{ serial: 'T1', label: 'Token one' }]
  await migrations.unlock(bob, 'm1', { step: '05-sign', serial: 'T1' }, async ({ principal }) => {
    t.deepEqual(principal, {
      keyId: 'migration:m1:05-sign',
      name: 'Bob, for step 05-sign of migration m1',
      scopes: ['sign'],
    })
    bench.desk.held = { keyId: principal.keyId, holder: principal.name }
  })
  await migrations.ended('m1')
  t.true(bench.cluster.acts.includes('sign as Bob, for step 05-sign of migration m1'))
})

test('a token that is pulled while it signs is waited for again', async (t) => {
  const cluster = new PaperCluster()
  let pulls = 1
  const bench = await aBench(t, {
    cluster,
    async between() {
      if (cluster.acts.at(-1)?.startsWith('sign') !== true || pulls === 0) return
      pulls -= 1
      bench.desk.held = undefined
      throw new TokenError('TOKEN_REMOVED', 'The token T1 was removed.', { token: 'T1' })
    },
  })
  await bench.begin()
  t.deepEqual(await bench.migrations.ended('m1'), { as: 'done' })
  t.is(cluster.acts.filter((act) => act.startsWith('sign')).length, 2)
})

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

test('a pilot that refuses the file stops it before the rest; another reading of that phone lets it go on', async (t) => {
  const cluster = new PaperCluster()
  const reset = cluster.resetPhones.bind(cluster)
  cluster.resetPhones = (which) => {
    reset(which)
    if (which === 'pilots') cluster.phones.SEP01 = 'the old file'
  }
  const bench = await aBench(t, { cluster })
  await bench.begin()
  await bench.waitsAt('12-pilots')
  const { migrations } = bench
  await migrations.enterReading(bob, 'm1', '12-pilots', { device: 'SEP01', took: 'refused' })
  await migrations.ended('m1')
  const { code, detail } = await why(bench)
  t.is(code, 'MIGRATION_EFFECT_REFUSED')
  t.regex(detail, /SEP01 refused the file/)
  t.false(cluster.acts.includes('reset-phones all'))
  cluster.phones.SEP01 = hash(newFile)
  await migrations.enterReading(bob, 'm1', '12-pilots', { device: 'SEP01', took: 'accepted' })
  await migrations.resume(bob, 'm1')
  t.deepEqual(await migrations.ended('m1'), { as: 'done' })
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
  t.is(events.at(-1)?.type, 'migration.broken')
  t.false(cluster.acts.some((act) => act.startsWith('sign')))
  await migrations.resume(anna, 'm1')
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

const aWarning = (devices: number): PreflightFinding => ({
  code: 'DEVICES_WITHOUT_SBD',
  severity: 'warning',
  detail: `${devices} of them.`,
  devices,
  remedy: 'Visit them.',
})

const anError: PreflightFinding = {
  code: 'NODE_UNREACHABLE',
  severity: 'error',
  detail: 'sub does not answer.',
  at: 'sub',
  remedy: 'Bring it back.',
}

function ids(): () => string {
  let last = 0
  return () => {
    last += 1
    return `m${last}`
  }
}
