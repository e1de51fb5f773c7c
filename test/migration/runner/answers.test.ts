import test from 'ava'
import type { Step } from '../../../daemon/migration/plan/plan.js'
import { TokenError } from '../../../drivers/token.js'
import { aBench, anError, aWarning, bob, ids, textOf, why } from './a-bench.js'
import { anna } from './a-daemon.js'
import { hash, newFile, PaperCluster } from './paper-cluster.js'
import { aPlan, aSituation } from './sample-plan.js'

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
  const early = () => migrations.say(anna, 'm1', '06-stop', 'GO', 'too early')
  await t.throwsAsync(early(), { code: 'MIGRATION_NOTHING_TO_ANSWER', message: /NODE_UNREACHABLE/ })
  cluster.findings = [aWarning(1)]
  await bench.waitsAt('06-stop', (rows) => !textOf(rows).includes('NODE_UNREACHABLE'))
  await t.throwsAsync(early(), { message: /First: somebody acknowledges DEVICES_WITHOUT_SBD: 1 of them/ })
  await migrations.acknowledge(bob, 'm1', '06-stop', 'DEVICES_WITHOUT_SBD', 'visit planned')
  const onlyGo = [{ what: 'somebody says GO', holds: false, evidence: [] }]
  await bench.waitsAt('06-stop', (rows) => textOf(rows) === textOf(onlyGo))
  // Ten devices were acknowledged, not nine hundred.
  cluster.findings = [aWarning(900)]
  const rows = await bench.waitsAt('06-stop', (all) => textOf(all).includes('900'))
  t.regex(textOf(rows), /acknowledges DEVICES_WITHOUT_SBD.*says GO/)
  await t.throwsAsync(early(), { message: /acknowledges DEVICES_WITHOUT_SBD/ })
  await migrations.acknowledge(bob, 'm1', '06-stop', 'DEVICES_WITHOUT_SBD', 'all 900')
  await bench.waitsAt('06-stop', (all) => textOf(all) === textOf(onlyGo))
  t.false(cluster.acts.includes('set-mode mixed'), 'what was refused is not said')
  await migrations.say(anna, 'm1', '06-stop', 'GO', '')
  t.deepEqual(await migrations.ended('m1'), { as: 'done' })
})

test('what a step asks for is said at that step, once it has begun; said before, it fulfils nothing', async (t) => {
  const bench = await aBench(t, { helpsAt: () => false })
  const restarted: Step = {
    id: '01b-restarted',
    actor: 'person',
    title: 'Restart the services',
    instructions: ['Restart them.'],
    does: { do: 'confirm', statement: 'SERVICES_RESTARTED' },
    needs: [],
    until: [{ is: 'said', statement: 'SERVICES_RESTARTED' }],
    undo: { by: 'nothing' },
  }
  const [keep, backup, ...rest] = aPlan().steps
  if (keep === undefined || backup === undefined) return t.fail()
  const { migrations } = bench
  const situation = aSituation({
    said: [{ code: 'SERVICES_RESTARTED', by: 'Anna', at: '2026-01-02T03:04:05Z', note: '' }],
  })
  await migrations.begin(anna, { plan: aPlan({ steps: [keep, backup, restarted, ...rest] }), situation })
  await bench.waitsAt('02-backup')
  await t.throwsAsync(migrations.say(anna, 'm1', '02-backup', 'SERVICES_RESTARTED', ''), {
    code: 'MIGRATION_NOTHING_TO_ANSWER',
    message: /said at the step that asks for it/,
  })
  // As a journal of a former version may hold it.
  await bench.journal.append('m1', {
    step: '02-backup',
    kind: 'said',
    principal: { keyId: 'a', name: 'Anna' },
    facts: { statement: 'SERVICES_RESTARTED', note: '' },
  })
  await migrations.say(anna, 'm1', '02-backup', 'BACKUP_TAKEN', '')
  const rows = await bench.waitsAt('01b-restarted')
  t.regex(textOf(rows), /somebody says SERVICES_RESTARTED/)
  await migrations.say(anna, 'm1', '01b-restarted', 'SERVICES_RESTARTED', '')
  await bench.waitsAt('03-upload')
  t.pass()
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
  await migrations.enterReadings(bob, 'm1', '12-pilots', [{ device: 'SEP01', took: 'refused' }])
  await migrations.ended('m1')
  const { code, detail } = await why(bench)
  t.is(code, 'MIGRATION_EFFECT_REFUSED')
  t.regex(detail, /SEP01 refused the file/)
  t.false(cluster.acts.includes('reset-phones all'))
  cluster.phones.SEP01 = hash(newFile)
  await migrations.enterReadings(bob, 'm1', '12-pilots', [{ device: 'SEP01', took: 'accepted' }])
  await migrations.resume(bob, 'm1')
  t.deepEqual(await migrations.ended('m1'), { as: 'done' })
})
