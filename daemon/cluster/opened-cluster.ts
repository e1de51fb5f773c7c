/** A cluster with the ways to it, as far as its settings name them. Types only; `open-cluster.ts` makes one. */
import type { Cluster, ClusterNode } from './configuration/cluster-schema.js'
import type { Axl, ControlCenter, CucmCli, Tvs } from './ports.js'

export interface OpenedCluster {
  readonly settings: Cluster
  /** Reads a file as a phone does. Rejects with NODE_… */
  readonly readFile: (node: ClusterNode, over: 'tftp' | 'http', file: string) => Promise<Uint8Array>
  /** Of the publisher. */
  readonly cli: CucmCli | undefined
  readonly axl: Axl | undefined
  /** Undefined where the node runs none. */
  readonly tvs: (node: ClusterNode) => Tvs | undefined
  readonly controlCenter: (node: ClusterNode) => ControlCenter | undefined
  readonly close: () => Promise<void>
}
