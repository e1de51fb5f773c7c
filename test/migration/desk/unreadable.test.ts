/** One migration whose record is damaged: the others are seen as before, and it can be ended. */
import test, { type ExecutionContext } from 'ava'
import { ClusterDesk } from '../../../daemon/cluster/cluster-desk.js'
import { migrationJson, migrationSummaryJson } from '../../../daemon/http/migration-json.js'
import { migrationListSchema, migrationSchema } from '../../../daemon/http/schemas/migration-schemas.js'
import { type MigrationDeskParts, makeMigrations } from '../../../daemon/migration/desk/migration-desk.js'
import { encodeRecord } from '../../../daemon/migration/runner/record-text.js'
import { migrationTable } from '../../../daemon/store/migration-table.js'
import { openDoubles, settingsOf, threeNodes } from '../../cluster/observe/observed-cluster.js'
import { temporaryStore } from '../../store/temporary-store.js'
import { aPlan, aSituation } from '../a-record.js'

const anna = { principal: { keyId: 'a', name: 'Anna', scopes: [] }, requestId: 'r1' }

/** Two migrations of two clusters that were begun, and a desk that runs neither. */
async function setting(t: ExecutionContext) {
  const { store } = await temporaryStore(t)
  const journal = migrationTable(store, () => new Date())
  const unexpected: unknown[] = []
  const parts = {
    clusters: new ClusterDesk({ settings: settingsOf(threeNodes), open: async () => openDoubles({}) }),
    tokens: { list: () => [] },
    journal,
    env: {},
    now: () => new Date(),
    onEvent: () => undefined,
    onUnexpected: (error: unknown) => void unexpected.push(error),
  } as unknown as MigrationDeskParts
  const situation = aSituation()
  const plan = aPlan('tokenless-to-tokens', situation)
  for (const [id, cluster] of [
    ['good', 'krakow'],
    ['bad', 'lab'],
  ] as const) {
    await journal.begin({
      id,
      cluster,
      planId: plan.id,
      plan: encodeRecord(plan),
      situation: encodeRecord(situation),
      startedBy: { keyId: 'a', name: 'Anna' },
    })
  }
  const desk = makeMigrations(parts)
  t.teardown(() => desk.halt())
  return {
    desk,
    journal,
    unexpected,
    damage: (column: 'plan' | 'situation', text: string) =>
      store.transact((database) =>
        database.prepare(`UPDATE migrations SET ${column} = ? WHERE id = 'bad'`).run(text),
      ),
    addFacts: (facts: string) =>
      store.transact((database) =>
        database
          .prepare(
            `INSERT INTO migration_entries (migration, sequence, at, kind, key_id, key_name, facts)
             VALUES ('bad', 1, '2026-03-02T08:01:00.000Z', 'resumed', 'a', 'Anna', ?)`,
          )
          .run(facts),
      ),
  }
}

type Setting = Awaited<ReturnType<typeof setting>>

const theDaemon = { keyId: 'ctl-bridge', name: 'ctl-bridge' }
const damages: Readonly<Record<string, { code: string; does: (here: Setting) => Promise<unknown> }>> = {
  'an entry of a step that the plan is not at': {
    code: 'MIGRATION_JOURNAL_WRONG',
    does: ({ journal }) =>
      journal.append('bad', { step: '99-none', kind: 'intent', principal: theDaemon, facts: { marks: {} } }),
  },
  'facts of another kind': {
    code: 'MIGRATION_JOURNAL_WRONG',
    does: ({ journal }) =>
      journal.append('bad', { kind: 'stopped', principal: theDaemon, facts: { nobody: 'knows' } }),
  },
  'facts that are no JSON': {
    code: 'STORE_UNUSABLE',
    does: ({ addFacts }) => addFacts('{'),
  },
  'a plan that is no JSON': {
    code: 'MIGRATION_JOURNAL_WRONG',
    does: ({ damage }) => damage('plan', '{"steps":'),
  },
  'a plan without steps': { code: 'MIGRATION_JOURNAL_WRONG', does: ({ damage }) => damage('plan', '{}') },
}

for (const [what, { code, does }] of Object.entries(damages)) {
  test(`${what}: it is listed stopped beside the others, and is ended`, async (t) => {
    const here = await setting(t)
    const { desk, journal } = here
    await does(here)
    const views = await desk.list()
    t.deepEqual(
      views.map(({ id, state, current }) => [id, state, current]),
      [
        ['bad', 'stopped', undefined],
        ['good', 'running', '01-keep-files'],
      ],
    )
    const list = migrationListSchema.safeParse({ migrations: views.map(migrationSummaryJson) })
    t.is(list.error, undefined)
    t.is(list.data?.migrations[0]?.stopped?.code, code)
    const seen = await desk.get('bad')
    t.is(migrationSchema.safeParse(migrationJson(seen)).error, undefined)
    await t.throwsAsync(desk.resume(anna, 'bad'))
    t.is((await desk.abandon(anna, 'bad', 'cannot be read')).state, 'abandoned')
    t.is(await journal.openOf('lab'), undefined, 'the cluster is free for a new plan')
  })
}

test('what it kept of the nodes is given out all the same', async (t) => {
  const { desk, journal, damage } = await setting(t)
  await journal.keep('bad', 'before/pub/CTLFile.tlv', Uint8Array.of(1, 2, 3))
  await damage('plan', '{"steps":')
  t.deepEqual([...((await desk.file('bad', 'before/pub/CTLFile.tlv')) as Uint8Array)], [1, 2, 3])
  await t.throwsAsync(desk.file('none', 'new'), { code: 'MIGRATION_UNKNOWN' })
})

test('an error that is none of ours is told, and one that there is not stays unknown', async (t) => {
  const { desk, damage, unexpected } = await setting(t)
  await damage('plan', '{"steps":')
  t.is((await desk.get('bad')).plan.title, 'tokenless-to-tokens')
  t.is(unexpected.length, 1)
  await t.throwsAsync(desk.get('none'), { code: 'MIGRATION_UNKNOWN' })
})
