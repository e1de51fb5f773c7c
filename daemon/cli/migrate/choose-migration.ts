import { BridgeError } from '../../bridge-error.js'
import type { MigrationAnswer, MigrationListAnswer } from '../answers.js'
import type { ApiClient } from '../api-client.js'
import { migrationPath } from './migration-path.js'

type Row = MigrationListAnswer['migrations'][number]

const openStates: readonly string[] = ['running', 'waiting', 'stopped']
export const isOpen = ({ state }: Pick<Row, 'state'>): boolean => openStates.includes(state)

/**
 * The migration that was named, else the one that is open. `orLatest`: else the latest, for what works on one that has
 * ended. Rejects with USAGE where it is not clear which is meant.
 */
export async function chooseMigration(
  api: ApiClient,
  id: string | undefined,
  orLatest = false,
): Promise<MigrationAnswer> {
  return api.getJson<MigrationAnswer>(migrationPath(id ?? (await onlyOne(api, orLatest))))
}

async function onlyOne(api: ApiClient, orLatest: boolean): Promise<string> {
  const { migrations } = await api.getJson<MigrationListAnswer>('/v1/migrations')
  const open = migrations.filter(isOpen)
  const [only] = open
  if (only !== undefined && open.length === 1) return only.id
  if (open.length > 1) {
    const names = open.map((row) => `${row.id} (${row.cluster})`).join(', ')
    throw new BridgeError('USAGE', `Several migrations are open: ${names}. Say which.`)
  }
  const [latest] = migrations
  if (orLatest && latest !== undefined) return latest.id
  throw new BridgeError(
    'USAGE',
    latest === undefined
      ? 'There is no migration. ctl-bridge migrate plan CLUSTER PLAN shows what there could be.'
      : `No migration is open. The latest is ${latest.id} (${latest.cluster}, ${latest.state}).`,
  )
}
