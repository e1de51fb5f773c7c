/** The way back of a migration, from its journal and what is there now. */
import type { MigrationJournal } from '../../store/migration-journal.js'
import type { MigrationView as RunnerView } from '../migrations.js'
import { seen } from '../plan/ground.js'
import type { NoPlan, Plan, Step } from '../plan/plan.js'
import { type PredictedRow, predict } from '../rollback/predict.js'
import { wayBack } from '../rollback/way-back.js'
import { beforeName } from '../runner/artifact-names.js'
import type { RunEntry } from '../runner/run-entry.js'
import { certificatesIn, vouchedBy } from '../runner/vouched-by.js'
import type { Situation } from '../situation/situation.js'
import { heldNow, itlOf } from './predict-plan.js'

/** What a migration kept and made, by name. */
export type KeptFiles = ReadonlyMap<string, Uint8Array | 'none'>

export async function keptFiles(journal: MigrationJournal, id: string): Promise<KeptFiles> {
  const files = new Map<string, Uint8Array | 'none'>()
  for (const { name } of await journal.artifacts(id)) {
    const file = await journal.artifact(id, name)
    if (file !== undefined) files.set(name, file)
  }
  return files
}

const begunSteps = ({ steps }: Plan, entries: readonly RunEntry[]): Step[] =>
  steps.filter(({ id }) => entries.some(({ step, kind }) => step === id && kind === 'intent'))

/** CTLs of before, by node. */
export function filesBefore(
  { nodes }: Situation,
  files: KeptFiles,
): ReadonlyMap<string, Uint8Array | undefined> {
  return new Map(
    nodes.flatMap(({ name }) => {
      const file = files.get(beforeName(name))
      return file === undefined ? [] : [[name, file === 'none' ? undefined : file] as const]
    }),
  )
}

export function planWayBack(
  { plan, entries, kept }: Pick<RunnerView, 'plan' | 'entries' | 'kept'>,
  before: Situation,
  files: KeptFiles,
  now: Situation,
): Plan | NoPlan {
  const begun = begunSteps(plan, entries)
  if (!begun.some(({ undo }) => undo.by !== 'nothing')) {
    return {
      id: 'rollback',
      impossible: `The migration ${kept.id} has changed nothing that could be taken back.`,
      instead: 'End it: ctl-bridge migrate abandon.',
    }
  }
  return wayBack(
    {
      plan,
      begun,
      modeBefore: seen(before.mode),
      filesBefore: filesBefore(before, files),
      uploadedAnew: uploadedAnew(begun, before),
    },
    now,
  )
}

/** Those that some TVS did not vouch for before. */
function uploadedAnew(begun: readonly Step[], { nodes }: Situation): string[] {
  const uploaded = begun.flatMap(({ does }) => (does.do === 'upload-certificates' ? does.sha256 : []))
  return uploaded.filter((sum) =>
    nodes.some(({ tvs }) => tvs !== undefined && seen(tvs[sum])?.isTrusted !== true),
  )
}

/** For each file that phones may hold by now: what nodes serve, served before, and what this migration made. */
export function predictWayBack(files: KeptFiles, before: Situation, now: Situation): PredictedRow[] {
  const models = seen(now.models)
  const own = filesBefore(before, files)
  const offered = [...own.values()].find((file) => file !== undefined)
  if (models === undefined || offered === undefined) return []
  const held = new Map<string, readonly [string, Uint8Array | 'none']>()
  const add = (name: string, file: Uint8Array | 'none') => {
    const key = Buffer.from(file).toString('base64')
    if (!held.has(key)) held.set(key, [name, file])
  }
  for (const [name, file] of Object.entries(heldNow(now))) add(name, file)
  for (const name of ['bridge', 'new']) {
    const file = files.get(name)
    if (file !== undefined) add(`the file “${name}” of the migration`, file)
  }
  for (const [node, file] of own) add(`the file that ${node} served before`, file ?? 'none')
  return predict({
    held: Object.fromEntries(held.values()),
    offered,
    itl: itlOf(now),
    vouched: vouchedBy(now, [...own.values()].flatMap((file) => (file === undefined ? [] : certificatesIn(file)))),
    models,
  })
}
