/** A migration as the store holds it, read whole. */
import { BridgeError } from '../../bridge-error.js'
import type { MigrationJournal } from '../../store/migration-journal.js'
import type { MigrationRecord } from '../migration-record.js'
import { decodePlan, decodeSituation } from './record-text.js'
import { readEntry } from './run-entry.js'

/** Rejects with MIGRATION_UNKNOWN and MIGRATION_JOURNAL_WRONG. */
export async function readRecord(journal: MigrationJournal, id: string): Promise<MigrationRecord> {
  const kept = await journal.get(id)
  if (kept === undefined) {
    throw new BridgeError('MIGRATION_UNKNOWN', `There is no migration ${id}.`, { migration: id })
  }
  const files = new Map<string, Uint8Array | 'none'>()
  for (const { name } of await journal.artifacts(id)) {
    const file = await journal.artifact(id, name)
    if (file !== undefined) files.set(name, file)
  }
  return {
    plan: decodePlan(kept.plan),
    situation: decodeSituation(kept.situation),
    entries: (await journal.entries(id)).map(readEntry),
    files,
    ...(kept.rollbackOf !== undefined && { takenBack: await readRecord(journal, kept.rollbackOf) }),
  }
}
