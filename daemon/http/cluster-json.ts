/** A cluster of the settings as the API tells it: where things are, and never where passwords are. */
import type { Cluster, ClusterNode } from '../cluster/configuration/cluster-schema.js'
import type { ConfiguredCluster } from '../cluster/configuration/cluster-settings.js'
import { nodeName } from '../cluster/files/node-file.js'
import { waysOf } from '../cluster/observe/ways.js'
import { canRestartTftp } from '../cluster/publishing-parts.js'

export function clusterJson(
  { settings: cluster, file, isLab }: ConfiguredCluster,
  doing: string | undefined,
): Record<string, unknown> {
  const { name, kind, release, nodes, cli, axl } = cluster
  return {
    name,
    kind,
    ...(release !== undefined && { release }),
    nodes: nodes.map((node) => nodeJson(cluster, node)),
    asks: [...(cli ? ['cli'] : []), ...(axl ? ['axl'] : [])],
    file,
    isLab,
    ...(doing !== undefined && { doing }),
  }
}

function nodeJson(cluster: Cluster, node: ClusterNode): Record<string, unknown> {
  const publishing = targetJson(cluster, node)
  return {
    name: node.name,
    address: node.address,
    runs: node.runs,
    reads: node.runs.includes('tftp')
      ? waysOf(cluster, node).map((over) => {
          const port = over === 'tftp' ? node.tftp_port : node.http_port
          return nodeName({ protocol: over, host: node.address, port, file: '' })
        })
      : [],
    restartsTftp: canRestartTftp(cluster, node),
    ...(publishing && { publishing }),
  }
}

function targetJson({ kind }: Cluster, node: ClusterNode): Record<string, unknown> | undefined {
  if (!node.runs.includes('tftp')) return undefined
  const { publishing } = node
  if (publishing === undefined && kind === 'asterisk') return undefined
  if (publishing?.to === 'directory') return { to: 'directory', folder: publishing.folder }
  if (publishing?.to === 'sftp') {
    const { host = node.address, port, user, folder } = publishing
    return { to: 'sftp', host, port, user, folder }
  }
  return { to: 'guided', url: publishing?.url ?? `https://${node.address}:${node.web_port}/cmplatform/` }
}
