import type { AwaitedAnswer } from '../answers.js'
import type { ApiClient } from '../api-client.js'
import { clusterPath } from './cluster-path.js'
import { withClusterProgress } from './with-cluster-progress.js'

export interface Wanted {
  readonly file: string
  readonly sha256: string
  readonly nodes: readonly string[]
  readonly seconds: number
}

/** Waits until the nodes serve the file, or the time is over. */
export function awaitServed(
  api: ApiClient,
  cluster: string,
  { file, sha256, nodes, seconds }: Wanted,
): Promise<AwaitedAnswer> {
  const query = new URLSearchParams({ file, sha256, nodes: nodes.join(','), seconds: String(seconds) })
  return withClusterProgress(api, cluster, 'cluster.awaiting', () =>
    api.postJson<AwaitedAnswer>(`${clusterPath(cluster)}/await?${query}`, undefined),
  )
}
