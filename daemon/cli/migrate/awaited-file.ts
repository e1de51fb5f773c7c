import { readTrustList } from '../../trust/phones/trust-list.js'
import type { MigrationAnswer } from '../answers.js'
import type { ApiClient } from '../api-client.js'
import { migrationPath } from './migration-path.js'
import type { AwaitedFile } from './migration-text.js'

/** The file that phones are to take in the current step, as they would show it. */
export async function readAwaitedFile(
  api: ApiClient,
  { id, current, steps, files }: MigrationAnswer,
): Promise<AwaitedFile | undefined> {
  const step = steps.find((one) => one.id === current)
  if (step?.does.do !== 'reset-phones') return undefined
  const what = step.until.find((condition) => typeof condition.what === 'string')?.what
  const file = files.find(({ name, sha256 }) => name === what && sha256 !== null)
  if (file === undefined) return undefined
  const path = `${migrationPath(id)}/files/${encodeURIComponent(file.name)}`
  const { md5, sha1 } = readTrustList(await api.getFile(path, 'application/octet-stream'))
  return { name: file.name, md5, sha1 }
}
