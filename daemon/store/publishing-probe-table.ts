/** What probes found, in the store. */
import type Database from 'better-sqlite3'
import { z } from 'zod'
import { type StoreDatabase, unusable } from './database.js'
import type { KeptProbe, PublishingProbes } from './publishing-probes.js'

interface Row extends Pick<KeptProbe, 'at' | 'cluster' | 'node' | 'release' | 'file' | 'outcome'> {
  readonly way: string
  readonly key_id: string
  readonly key_name: string
  readonly evidence: string
}

const evidenceSchema = z.array(z.string())

const REMEMBER = `
  INSERT INTO publishing_probes (cluster, node, release, file, way, at, key_id, key_name, outcome, evidence)
  VALUES (@cluster, @node, @release, @file, @to, @at, @keyId, @keyName, @outcome, @evidence)
  ON CONFLICT (cluster, node, release) DO UPDATE SET file = @file, way = @to, at = @at, key_id = @keyId,
    key_name = @keyName, outcome = @outcome, evidence = @evidence`
const ALL = 'SELECT * FROM publishing_probes WHERE cluster = ? ORDER BY node, release'

export function publishingProbeTable(store: StoreDatabase, now: () => Date): PublishingProbes {
  const transact = <T>(work: (database: Database.Database) => T): Promise<T> =>
    store.transact(work).catch((error: unknown) => {
      throw unusable(store.path, error)
    })
  return {
    remember: ({ principal, evidence, ...probe }) =>
      transact((database) => {
        const who = { keyId: principal.keyId, keyName: principal.name }
        const at = now().toISOString()
        database.prepare(REMEMBER).run({ ...probe, ...who, at, evidence: JSON.stringify(evidence) })
      }),
    all: (cluster) => transact((database) => database.prepare<[string], Row>(ALL).all(cluster).map(toProbe)),
  }
}

function toProbe(row: Row): KeptProbe {
  const { at, cluster, node, release, file, outcome } = row
  return {
    ...{ at, cluster, node, release, file, outcome },
    to: row.way,
    principal: { keyId: row.key_id, name: row.key_name },
    evidence: evidenceSchema.parse(JSON.parse(row.evidence)),
  }
}
