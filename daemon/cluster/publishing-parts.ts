/** An opened cluster as publishing and its probe want it. */
import type { AuditLog } from '../store/audit-log.js'
import type { PublishedFiles } from '../store/published-files.js'
import type { PublishingProbes } from '../store/publishing-probes.js'
import type { Cluster, ClusterNode } from './configuration/cluster-schema.js'
import type { OpenedCluster } from './opened-cluster.js'
import { publishingNodes } from './publishing/open-publishing.js'
import type { ProbeParts } from './publishing/probe.js'

export interface PublishingStore {
  readonly published: PublishedFiles
  readonly probes: PublishingProbes
  readonly audit: AuditLog
  /** Where systemd tells of credentials. */
  readonly env: NodeJS.ProcessEnv
}

export function publishingParts(
  opened: OpenedCluster,
  { published, probes, audit, env }: PublishingStore,
): ProbeParts {
  const { settings, axl, cli, readFile } = opened
  return {
    cluster: settings.name,
    nodes: publishingNodes(settings, { env, readFile, restartTftp: (node) => restartOf(opened, node) }),
    published,
    probes,
    audit,
    release: async () => (axl === undefined ? settings.release : await axl.version()),
    ...(cli && { showCtl: () => cli.showCtl() }),
  }
}

/** Whether the settings name a way to restart Cisco Tftp on a node. */
export function canRestartTftp({ axl, cli }: Cluster, { runs }: ClusterNode): boolean {
  return runs.includes('tftp') && (axl !== undefined || (cli !== undefined && runs.includes('publisher')))
}

/** Over Control Center of the node; the command line is the publisher's and restarts there alone. */
function restartOf(
  { controlCenter, cli }: OpenedCluster,
  node: ClusterNode,
): (() => Promise<unknown>) | undefined {
  const center = controlCenter(node)
  if (center !== undefined) return () => center.restart('Cisco Tftp')
  if (cli !== undefined && node.runs.includes('publisher')) return () => cli.restartService('Cisco Tftp')
  return undefined
}
