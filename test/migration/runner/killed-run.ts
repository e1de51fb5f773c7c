/**
 * A daemon that is killed for real: node killed-run.js FOLDER POINT NUMBER. It carries the sample plan out over a
 * cluster on paper, whose acts it writes to FOLDER/acts, and ends by SIGKILL when it comes to POINT for that time.
 */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase, storeFile } from '../../../daemon/store/database.js'
import { migrationTable } from '../../../daemon/store/migration-table.js'
import { aDaemon, anna, aPerson } from './a-daemon.js'
import { Fuse } from './fuse.js'
import { PaperCluster } from './paper-cluster.js'
import { aPlan, aSituation } from './sample-plan.js'

const [, , folder = '', point = '', number = '1'] = process.argv

class Gun extends Fuse {
  #seen = 0

  override async pass(at: string): Promise<void> {
    if (at !== point) return
    this.#seen += 1
    if (this.#seen < Number(number)) return
    process.kill(process.pid, 'SIGKILL')
    // The signal is on its way; nothing more may happen here.
    for (;;);
  }
}

class RecordedCluster extends PaperCluster {
  override wrote(what: string): void {
    super.wrote(what)
    appendFileSync(join(folder, 'acts'), `${what}\n`)
  }
}

const cluster = new RecordedCluster()
const store = await openDatabase(storeFile(folder))
const journal = migrationTable(store, () => new Date())
const { migrations } = aDaemon(cluster, journal, {
  fuse: new Gun(),
  onEvent: aPerson(cluster, () => true),
})
await migrations.begin(anna, { plan: aPlan(), situation: aSituation() })
await migrations.ended('m1')
