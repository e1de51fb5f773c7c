import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { openDatabase, storeFile } from '../../../daemon/store/database.js'
import { migrationTable } from '../../../daemon/store/migration-table.js'
import { temporaryFolder } from '../../store/temporary-store.js'
import { aDaemon, anna, aPerson } from './a-daemon.js'
import { newFile, PaperCluster } from './paper-cluster.js'

const VICTIM = fileURLToPath(new URL('./killed-run.js', import.meta.url))

/** The n-th time of the point, and which of the acts may be there once or twice at the end. */
const kills = [
  { at: 'before act', time: 4, when: 'right before the mode is set', agains: 1 },
  { at: 'between two effects', time: 4, when: 'between the files of two nodes', agains: 0 },
  { at: 'after act', time: 6, when: 'right after a service was restarted', agains: 0 },
  { at: 'after append', time: 3, when: 'right after a step was written as done', agains: 0 },
] as const

for (const { at, time, when, agains } of kills) {
  test(`A process that gets SIGKILL ${when} leaves a store that the next one goes on from`, async (t) => {
    const folder = await temporaryFolder(t)
    const child = spawn(process.execPath, [VICTIM, folder, at, String(time)], { stdio: 'inherit' })
    const [, signal] = await once(child, 'exit')
    t.is(signal, 'SIGKILL')
    const store = await openDatabase(storeFile(folder))
    t.teardown(() => store.close())
    const journal = migrationTable(store, () => new Date())
    t.not((await journal.get('m1'))?.state, 'done')
    const cluster = new PaperCluster()
    const acts = await readFile(join(folder, 'acts'), 'utf8').catch(() => '')
    for (const act of acts.split('\n').filter((line) => line !== '')) cluster.repeat(act, newFile)
    // What was uploaded before stays uploaded.
    if (acts !== '') for (const one of ['aa', 'bb']) cluster.trusted.add(one)
    const done = [...cluster.acts]
    const isDone = (step: string) => step === '07-mode' && done.includes('set-mode mixed')
    const { migrations } = aDaemon(cluster, journal, { onEvent: aPerson(cluster, isDone) })
    await migrations.start()
    t.deepEqual(await migrations.ended('m1'), { as: 'done' })
    for (const act of [
      'set-mode mixed',
      'restart Cisco Tftp pub',
      'reset-phones pilots',
      'reset-phones all',
    ]) {
      t.is(cluster.count(act), 1, act)
    }
    t.true(cluster.count('publish pub') <= 2 && cluster.count('compose') === 1)
    const said = (await migrations.view('m1')).entries.filter(
      ({ kind, facts }) => kind === 'said' && 'again' in facts,
    )
    t.is(said.length, agains)
    await t.throwsAsync(migrations.resume(anna, 'm1'), { code: 'MIGRATION_ENDED' })
  })
}
