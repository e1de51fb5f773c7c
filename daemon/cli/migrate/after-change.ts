import type { MigrationAnswer } from '../answers.js'
import type { ApiClient } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'
import { paintFor } from '../paint.js'
import { readAwaitedFiles } from './awaited-file.js'
import { followMigration } from './follow-migration.js'
import { migrationText } from './migration-text.js'

/** Where it stands now that something was asked of it; with --follow, until it is stopped or has ended. */
export async function afterChange(
  context: CommandContext,
  api: ApiClient,
  migration: MigrationAnswer,
): Promise<number> {
  if (context.switches.has('follow')) return followMigration(api, migration, context)
  await printMigration(context, api, migration)
  return 0
}

export async function printMigration(
  { terminal }: CommandContext,
  api: ApiClient,
  migration: MigrationAnswer,
): Promise<void> {
  if (terminal.json) {
    terminal.print(jsonText(migration, 2))
    return
  }
  const awaited = await readAwaitedFiles(api, migration)
  terminal.print(migrationText(migration, { width: terminal.width, awaited, paint: paintFor(terminal) }))
}
