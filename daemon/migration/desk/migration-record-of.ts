/** The record of a migration, read whole from the journal: what its way back and its report are made of. */
import type { MigrationJournal } from '../../store/migration-journal.js'
import type { MigrationRecord } from '../migration-record.js'
import type { MigrationView as RunnerView } from '../migrations.js'
import { decodeSituation } from '../runner/record-text.js'

/** What a migration kept and made, by name. */
async function keptFiles(journal: MigrationJournal, id: string): Promise<MigrationRecord['files']> {
  const files = new Map<string, Uint8Array | 'none'>()
  for (const { name } of await journal.artifacts(id)) {
    const file = await journal.artifact(id, name)
    if (file !== undefined) files.set(name, file)
  }
  return files
}

/** `view`: of any migration by its id; that of the one which it takes back is read as well. */
export async function recordOf(
  journal: MigrationJournal,
  { kept, plan, entries }: RunnerView,
  view: (id: string) => Promise<RunnerView>,
): Promise<MigrationRecord> {
  const takenBack =
    kept.rollbackOf === undefined ? undefined : await recordOf(journal, await view(kept.rollbackOf), view)
  return {
    plan,
    situation: decodeSituation(kept.situation),
    entries,
    files: await keptFiles(journal, kept.id),
    ...(takenBack !== undefined && { takenBack }),
  }
}
