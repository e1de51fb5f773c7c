/** Writes into the journal for people, and tells of it. A run writes by itself (`open-migration.ts`). */
import type { MigrationJournal, NewEntry } from '../../store/migration-journal.js'
import type { RunParts } from './run-parts.js'

/** Resolves with whether it was written: not when somebody wrote after `after`. */
export async function appendEntries(
  { journal, onEvent }: Pick<RunParts, 'journal' | 'onEvent'>,
  id: string,
  entries: readonly NewEntry[],
  options: NonNullable<Parameters<MigrationJournal['appendAll']>[2]> = {},
): Promise<boolean> {
  const written = await journal.appendAll(id, entries, options)
  if (written === undefined) return false
  const { cluster = '' } = (await journal.get(id)) ?? {}
  for (const entry of written) {
    onEvent({ type: 'migration.entry', data: { migration: id, cluster, ...entry } })
  }
  if (options.state !== undefined) {
    onEvent({ type: 'migration.state', data: { migration: id, cluster, state: options.state } })
  }
  return true
}
