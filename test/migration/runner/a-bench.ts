/** A daemon over a cluster on paper, a real store, and a person who answers where a test lets them. */
import type { ExecutionContext } from 'ava'
import type { Plan } from '../../../daemon/migration/plan/plan.js'
import type { PreflightFinding } from '../../../daemon/migration/preflight/finding.js'
import type { MigrationEvent } from '../../../daemon/migration/runner/migration-event.js'
import type { SeenRow } from '../../../daemon/migration/runner/run-entry.js'
import { migrationTable } from '../../../daemon/store/migration-table.js'
import { temporaryStore } from '../../store/temporary-store.js'
import { aDaemon, anna, aPerson, type DaemonOptions, type PaperDaemon } from './a-daemon.js'
import { PaperCluster } from './paper-cluster.js'
import { aPlan, aSituation } from './sample-plan.js'

export const bob = { principal: { keyId: 'b', name: 'Bob', scopes: [] }, requestId: 'r2' }

export interface Bench extends PaperDaemon {
  readonly cluster: PaperCluster
  readonly journal: ReturnType<typeof migrationTable>
  /** Resolves with what it waits for, once it waits at that step and `isIt` takes it. */
  readonly waitsAt: (
    step: string,
    isIt?: (rows: readonly SeenRow[]) => boolean,
  ) => Promise<readonly SeenRow[]>
  readonly begin: (plan?: Plan) => Promise<unknown>
}

export interface BenchOptions extends DaemonOptions {
  /** Steps at which the person answers; all when it is not given. */
  readonly helpsAt?: (step: string) => boolean
  readonly cluster?: PaperCluster
}

export async function aBench(t: ExecutionContext, options: BenchOptions = {}): Promise<Bench> {
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

export const why = async ({
  migrations,
}: Bench): Promise<{ code: string; detail: string; remedy: string }> => {
  const { stand } = await migrations.view('m1')
  return { code: '', detail: '', remedy: '', ...stand.stopped }
}

export const textOf = (rows: readonly SeenRow[]): string => JSON.stringify(rows)

export const aWarning = (devices: number): PreflightFinding => ({
  code: 'DEVICES_WITHOUT_SBD',
  severity: 'warning',
  detail: `${devices} of them.`,
  devices,
  remedy: 'Visit them.',
})

export const anError: PreflightFinding = {
  code: 'NODE_UNREACHABLE',
  severity: 'error',
  detail: 'sub does not answer.',
  at: 'sub',
  remedy: 'Bring it back.',
}

export function ids(): () => string {
  let last = 0
  return () => {
    last += 1
    return `m${last}`
  }
}
