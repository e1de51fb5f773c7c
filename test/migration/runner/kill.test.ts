import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { Plan } from '../../../daemon/migration/plan/plan.js'
import { readEntry } from '../../../daemon/migration/runner/run-entry.js'
import { openDatabase, storeFile } from '../../../daemon/store/database.js'
import type { MigrationJournal } from '../../../daemon/store/migration-journal.js'
import { migrationTable } from '../../../daemon/store/migration-table.js'
import { aDaemon, anna, aPerson } from './a-daemon.js'
import { Fuse } from './fuse.js'
import { PaperCluster } from './paper-cluster.js'
import { aPlan, aSituation, tokenlessSteps } from './sample-plan.js'

/** What must be done once, however often the daemon is killed. */
const onceEach: Readonly<Record<string, string>> = {
  '04-restart': 'restart Cisco Tftp pub',
  '05-restart': 'restart Cisco Tftp sub',
  '07-mode': 'set-mode mixed',
  '09-restart': 'restart Cisco Tftp pub',
  '10-restart': 'restart Cisco Tftp sub',
  '12-pilots': 'reset-phones pilots',
  '13-all': 'reset-phones all',
  '03-update': 'update-ctl-file',
}

const aWarning = {
  code: 'DEVICES_WITHOUT_SBD',
  severity: 'warning',
  detail: 'Two of them.',
  devices: 2,
  remedy: 'Visit them.',
} as const

interface Lived {
  readonly cluster: PaperCluster
  /** What the first daemon was at when it was killed; empty when it was not. */
  readonly at: string
  readonly points: readonly string[]
  readonly agains: number
}

/** Carries the plan out with a first daemon that ends at the await of that number, and a second one after it. */
async function live(
  t: ExecutionContext,
  journal: MigrationJournal,
  plan: Plan,
  limit?: number,
): Promise<Lived> {
  const cluster = new PaperCluster()
  cluster.findings = [aWarning]
  const onEvent = aPerson(cluster, (step) => cluster.acts.includes(onceEach[step] ?? ''))
  const newId = () => plan.cluster
  const fuse = new Fuse(limit)
  const first = aDaemon(cluster, journal, { fuse, onEvent, newId })
  const whole = async () => {
    await first.migrations.begin(anna, { plan, situation: aSituation({ cluster: plan.cluster }) })
    await first.migrations.ended(plan.cluster)
  }
  await Promise.race([whole(), fuse.blown])
  if (fuse.at !== '') {
    const second = aDaemon(cluster, journal, { onEvent, newId })
    await second.migrations.start()
    if ((await journal.get(plan.cluster)) === undefined) {
      await second.migrations.begin(anna, { plan, situation: aSituation({ cluster: plan.cluster }) })
    }
    await second.migrations.ended(plan.cluster)
  }
  t.is((await journal.get(plan.cluster))?.state, 'done', `killed ${fuse.at}`)
  const entries = (await journal.entries(plan.cluster)).map(readEntry)
  const agains = entries.filter(({ kind, facts }) => kind === 'said' && 'again' in facts).length
  return { cluster, at: fuse.at, points: fuse.points, agains }
}

/** Thousands of commits: what is on a disk after a power cut is not what is tried here (killed-run.test.ts). */
async function journalInMemory(t: ExecutionContext): Promise<MigrationJournal> {
  const folder = await mkdtemp('/dev/shm/ctl-bridge-kill-').catch(() =>
    mkdtemp(join(tmpdir(), 'ctl-bridge-kill-')),
  )
  const store = await openDatabase(storeFile(folder))
  t.teardown(async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })
  return migrationTable(store, () => new Date())
}

async function killEverywhere(t: ExecutionContext, steps: Plan['steps']): Promise<void> {
  const journal = await journalInMemory(t)
  const planOf = (name: string) => aPlan({ cluster: name, steps })
  const undisturbed = await live(t, journal, planOf('calm'))
  const ours = [...new Set(Object.values(onceEach))].filter((act) => undisturbed.cluster.count(act) === 1)
  let kills = 0
  let agains = 0
  const points = new Set<string>()
  for (const limit of undisturbed.points.keys()) {
    const { cluster, at, ...lived } = await live(t, journal, planOf(`killed-${limit}`), limit)
    // People answer at their own pace, so a run may have a few awaits less than the first.
    if (at === '') continue
    kills += 1
    agains += lived.agains
    points.add(at)
    t.deepEqual(cluster.picture(), undisturbed.cluster.picture(), `killed at ${limit}, ${at}`)
    for (const act of ours) t.is(cluster.count(act), 1, `killed at ${limit}, ${at}: ${act}`)
    // What is the same when it is repeated is done twice at most.
    for (const act of cluster.acts) t.true(cluster.count(act) <= 2, `killed at ${limit}, ${at}: ${act}`)
  }
  t.log(`${kills} kills, at ${[...points].join(', ')}; a person said again ${agains} times`)
  t.true(kills > undisturbed.points.length - 10)
  t.true(agains > 0 && agains <= 2 * ours.length)
  for (const at of [
    'before act',
    'between two effects',
    'after act',
    'before append',
    'after append',
    'before keep',
  ]) {
    t.true(points.has(at), at)
  }
}

test('killed at every await of a first token CTL, the next daemon brings it to the same end, and nothing is done twice that must not be', (t) =>
  killEverywhere(t, aPlan().steps))

test('killed at every await of an update by CLI, the command is sent once', (t) =>
  killEverywhere(t, tokenlessSteps))
