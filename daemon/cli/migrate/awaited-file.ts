import { readTrustList } from '../../trust/phones/trust-list.js'
import type { MigrationAnswer } from '../answers.js'
import type { ApiClient } from '../api-client.js'
import { ProblemAnswer } from '../report-problem.js'
import { migrationPath } from './migration-path.js'
import type { AwaitedFile } from './migration-text.js'

/**
 * The file that phones are to take in the current step, as they would show it: any of these. What nodes served before
 * may differ.
 */
export async function readAwaitedFiles(
  api: ApiClient,
  { id, current, steps, files }: MigrationAnswer,
): Promise<readonly AwaitedFile[]> {
  const step = steps.find((one) => one.id === current)
  if (step?.does.do !== 'reset-phones') return []
  const what = step.until.find((condition) => typeof condition.what === 'string')?.what
  const names = files
    // On a way back the names are those of what it found itself; the bytes come from the migration that it takes back.
    .filter(({ name, sha256 }) => (what === 'before' ? isCtlBefore(name) : name === what && sha256 !== null))
    .map(({ name }) => name)
  const awaited: AwaitedFile[] = []
  for (const name of names) {
    const bytes = await fileOrNone(api, `${migrationPath(id)}/files/${encodeURIComponent(name)}`)
    if (bytes === undefined) continue
    const { md5, sha1 } = readTrustList(bytes)
    const same = awaited.findIndex((file) => file.sha1 === sha1)
    const before = awaited[same]
    if (before === undefined) awaited.push({ name, md5, sha1 })
    else awaited[same] = { ...before, name: `${before.name}, ${name}` }
  }
  return awaited
}

const isCtlBefore = (name: string): boolean => /^before\/[^/]+\/CTLFile\.tlv$/.test(name)

/** Undefined: the node had none. */
async function fileOrNone(api: ApiClient, path: string): Promise<Uint8Array | undefined> {
  try {
    return await api.getFile(path, 'application/octet-stream')
  } catch (error) {
    if (error instanceof ProblemAnswer && error.problem.code === 'MIGRATION_FILE_UNKNOWN') return undefined
    throw error
  }
}
