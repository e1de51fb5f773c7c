/** The hashes of the files that a migration knows: those from before, and those that it made. */
import { createHash } from 'node:crypto'
import type { NodeSituation, Observed } from '../situation/situation.js'
import { beforeName } from './artifact-names.js'
import type { Hashes, KnownHashes } from './expected-cluster.js'
import type { TurnAt } from './run-parts.js'

export async function hashesOf({ parts, migration, rollbackOf, situation }: TurnAt): Promise<KnownHashes> {
  const keptBy = async (id: string): Promise<Hashes> => {
    const kept = await parts.journal.artifacts(id)
    return Object.fromEntries(kept.map(({ name, sha256 }) => [name, sha256 ?? 'none']))
  }
  const byNode = (hash: (node: NodeSituation) => string | undefined): Hashes =>
    Object.fromEntries(situation.nodes.map((node) => [node.name, hash(node)]))
  const artifacts = await keptBy(migration)
  const start = byNode(({ name, ctl }) => hashOf(ctl) ?? artifacts[beforeName(name)])
  if (rollbackOf === undefined) return { start, before: start, artifacts }
  const takenBack = await keptBy(rollbackOf)
  return { start, before: byNode(({ name }) => takenBack[beforeName(name)]), artifacts }
}

function hashOf(ctl: Observed<Uint8Array | 'none'> | undefined): string | undefined {
  if (ctl === undefined || !('seen' in ctl)) return undefined
  return ctl.seen === 'none' ? 'none' : createHash('sha256').update(ctl.seen).digest('hex')
}
