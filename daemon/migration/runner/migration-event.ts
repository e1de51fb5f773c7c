/** Everything about a migration that a person could see change. */
import type { JournalEntry, MigrationState } from '../../store/migration-journal.js'
import type { SeenRow } from './run-entry.js'

export type MigrationEvent =
  /** What was written into the journal. */
  | {
      readonly type: 'migration.entry'
      readonly data: { readonly migration: string; readonly cluster: string } & JournalEntry
    }
  | {
      readonly type: 'migration.state'
      readonly data: {
        readonly migration: string
        readonly cluster: string
        readonly state: MigrationState
        readonly step?: string
      }
    }
  /** What it waits for, whenever that changed. */
  | {
      readonly type: 'migration.waits'
      readonly data: {
        readonly migration: string
        readonly cluster: string
        readonly step: string
        readonly title: string
        /** For a person, a line each; empty when nobody has to do anything. */
        readonly instructions: readonly string[]
        readonly for: readonly SeenRow[]
      }
    }
  /** It ended without a word in the journal: the store does not take one. */
  | {
      readonly type: 'migration.broken'
      readonly data: {
        readonly migration: string
        readonly cluster: string
        readonly code: string
        readonly detail: string
      }
    }

export type OnMigrationEvent = (event: MigrationEvent) => void
