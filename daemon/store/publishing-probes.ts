/**
 * The port of what probes found: whether publishing works on a node of a cluster at a release.
 *
 * Adapter: `publishing-probe-table.ts`.
 */
export interface KeptProbe {
  /** ISO 8601, UTC, written by the adapter. */
  readonly at: string
  readonly cluster: string
  readonly node: string
  /** As the cluster told it; empty: unknown. */
  readonly release: string
  readonly file: string
  readonly to: string
  readonly principal: { readonly keyId: string; readonly name: string }
  readonly outcome: 'works' | 'works-as-said' | 'fails'
  /** Sentences: what was done and seen. */
  readonly evidence: readonly string[]
}

export interface PublishingProbes {
  /** The latest of a node and release takes the place of the one before. */
  remember(probe: Omit<KeptProbe, 'at'>): Promise<void>
  /** Of a cluster, by node and release. */
  all(cluster: string): Promise<readonly KeptProbe[]>
}
