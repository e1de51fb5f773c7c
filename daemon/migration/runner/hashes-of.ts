/** The hashes of the files that a migration knows: those from before, and those that it made. */
import { createHash } from 'node:crypto'
import type { Observed } from '../situation/situation.js'
import { beforeName } from './artifact-names.js'
import type { KnownHashes } from './expected-cluster.js'
import type { TurnAt } from './run-parts.js'

export async function hashesOf({ parts, migration, situation }: TurnAt): Promise<KnownHashes> {
  const kept = await parts.journal.artifacts(migration)
  const artifacts = Object.fromEntries(kept.map(({ name, sha256 }) => [name, sha256 ?? 'none']))
  const before = situation.nodes.map(({ name, ctl }) => [name, hashOf(ctl) ?? artifacts[beforeName(name)]])
  return { before: Object.fromEntries(before), artifacts }
}

function hashOf(ctl: Observed<Uint8Array | 'none'> | undefined): string | undefined {
  if (ctl === undefined || !('seen' in ctl)) return undefined
  return ctl.seen === 'none' ? 'none' : createHash('sha256').update(ctl.seen).digest('hex')
}
