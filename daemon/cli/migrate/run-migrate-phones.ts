/** `ctl-bridge migrate phones`: what phones show on their screens, one by one or as a list. */
import { BridgeError } from '../../bridge-error.js'
import type { MigrationAnswer } from '../answers.js'
import { type ApiClient, openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { afterChange } from './after-change.js'
import { readAwaitedFiles } from './awaited-file.js'
import { chooseMigration } from './choose-migration.js'
import { migrationPath } from './migration-path.js'
import { isTook, type PhoneReading, readReadings } from './read-readings.js'

export async function run(context: CommandContext): Promise<number> {
  const { values, terminal } = context
  const typed = typedReading(context)
  const api = await openApi(context)
  const migration = await chooseMigration(api, values.migration)
  const readings = typed === undefined ? await listedReadings(context, api, migration) : [typed]
  if (readings.length === 0) {
    throw new BridgeError('LIST_INVALID', 'No row of the list says what a phone took.', {
      file: values.devices ?? '',
    })
  }
  const path = `${migrationPath(migration.id)}/phones`
  const after = await api.postJson<MigrationAnswer>(path, { readings })
  terminal.note(`${readings.length} ${readings.length === 1 ? 'reading' : 'readings'} entered.\n`)
  return afterChange(context, api, after)
}

function typedReading({ operands, values }: CommandContext): PhoneReading | undefined {
  const usage = (detail: string) => new BridgeError('USAGE', `ctl-bridge migrate phones: ${detail}`)
  const [device, took, checksum] = operands
  if (values.devices !== undefined) {
    if (device !== undefined) throw usage('DEVICE and --devices exclude each other.')
    return undefined
  }
  if (device === undefined) throw usage('DEVICE is missing, or --devices FILE.')
  if (!isTook(took)) {
    throw usage(`after DEVICE comes accepted, refused or unread, not ${JSON.stringify(took ?? 'nothing')}.`)
  }
  return {
    device,
    took,
    ...(values.model !== undefined && { model: values.model }),
    ...(checksum !== undefined && { checksum: plainChecksum(checksum) }),
    ...(values.note !== undefined && { note: values.note }),
  }
}

/** Phones show it in groups. */
const plainChecksum = (text: string): string => text.replace(/[\s:-]/g, '').toLowerCase()

async function listedReadings(
  { values, terminal }: CommandContext,
  api: ApiClient,
  migration: MigrationAnswer,
): Promise<readonly PhoneReading[]> {
  const awaited = await readAwaitedFiles(api, migration)
  const { readings, unclear } = await readReadings(values.devices ?? '', awaited, values.note)
  if (unclear > 0) {
    terminal.note(
      `${unclear} ${unclear === 1 ? 'row is' : 'rows are'} left out: another checksum than the awaited one, or none, says nothing of what a phone will take. A column with accepted or refused does.\n`,
    )
  }
  return readings
}
