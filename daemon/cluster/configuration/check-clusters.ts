/** What several settings of a cluster say together. Pure. */
import type { Cluster, ClusterNode, Clusters } from './cluster-schema.js'

export interface SettingFault {
  /** From the top of the file: `clusters`, 0, `nodes`, 1, `name`. */
  readonly setting: readonly (string | number)[]
  /** Goes on after a colon. */
  readonly what: string
}

/** The first thing that is wrong. */
export function faultOf(clusters: Clusters): SettingFault | undefined {
  for (const [index, cluster] of clusters.entries()) {
    const at = ['clusters', index] as const
    const twice = clusters.findIndex(({ name }) => name === cluster.name) < index
    if (twice) return { setting: [...at, 'name'], what: `another cluster is named ${cluster.name}` }
    const fault = clusterFault(cluster)
    if (fault !== undefined) return { ...fault, setting: [...at, ...fault.setting] }
  }
  return undefined
}

type Check = (cluster: Cluster) => SettingFault | undefined

function clusterFault(cluster: Cluster): SettingFault | undefined {
  const checks: readonly Check[] = [
    namesTwice,
    noTftp,
    cluster.kind === 'cucm' ? notOnePublisher : notAsterisk,
  ]
  for (const check of checks) {
    const fault = check(cluster)
    if (fault !== undefined) return fault
  }
  for (const [index, node] of cluster.nodes.entries()) {
    const fault = nodeFault(cluster, node)
    if (fault !== undefined) return { ...fault, setting: ['nodes', index, ...fault.setting] }
  }
  return undefined
}

const namesTwice: Check = ({ nodes }) => {
  const index = nodes.findIndex((node, at) => nodes.findIndex(({ name }) => name === node.name) < at)
  if (index < 0) return undefined
  return { setting: ['nodes', index, 'name'], what: `another node is named ${nodes[index]?.name}` }
}

const noTftp: Check = ({ nodes }) =>
  nodes.some(({ runs }) => runs.includes('tftp'))
    ? undefined
    : { setting: ['nodes'], what: 'no node runs tftp, so no phone gets a file from this cluster' }

const notOnePublisher: Check = ({ nodes }) => {
  const count = nodes.filter(({ runs }) => runs.includes('publisher')).length
  if (count === 1) return undefined
  return { setting: ['nodes'], what: `a CUCM has one publisher, and ${count} nodes run it` }
}

const notAsterisk: Check = ({ cli, axl, release, nodes }) => {
  const named = [
    ['cli', cli],
    ['axl', axl],
    ['release', release],
  ].find(([, value]) => value !== undefined)
  if (named !== undefined) return { setting: [String(named[0])], what: 'an Asterisk has none; leave it out' }
  const index = nodes.findIndex(({ runs }) => runs.includes('tvs') || runs.includes('publisher'))
  if (index < 0) return undefined
  return { setting: ['nodes', index, 'runs'], what: 'an Asterisk runs tftp or callmanager, nothing else' }
}

function nodeFault(cluster: Cluster, node: ClusterNode): SettingFault | undefined {
  if (node.read === 'http' && node.http_port === 0) {
    return { setting: ['read'], what: 'http_port is 0, so there is no HTTP to read over' }
  }
  return weakFault(cluster, node) ?? publishingFault(cluster, node)
}

/** 1024 bits can be broken by who has the means, so such a key counts only as the very one that is known. */
function weakFault({ tls, axl }: Cluster, node: ClusterNode): SettingFault | undefined {
  if (!tls.weak_keys || tls.ca_file !== undefined) return undefined
  const asked = [
    ['tvs_fingerprint', node.runs.includes('tvs') && node.tvs_fingerprint === undefined],
    ['web_fingerprint', axl !== undefined && node.web_fingerprint === undefined],
  ] as const
  const missing = asked.find(([, isMissing]) => isMissing)?.[0]
  if (missing === undefined) return undefined
  return { setting: [], what: `tls.weak_keys needs ${missing} here, or tls.ca_file for the cluster` }
}

function publishingFault({ kind }: Cluster, { runs, publishing }: ClusterNode): SettingFault | undefined {
  if (publishing === undefined) return undefined
  const setting = ['publishing']
  if (!runs.includes('tftp')) return { setting, what: 'the node does not run tftp' }
  if (publishing.to === 'guided' && kind !== 'cucm') {
    return { setting: [...setting, 'to'], what: 'guided is for CUCM; an Asterisk takes directory or sftp' }
  }
  if (publishing.to !== 'sftp') return undefined
  const { password, private_key, passphrase } = publishing
  if (password === undefined && private_key === undefined) {
    return { setting, what: 'sftp needs a password or a private_key' }
  }
  if (passphrase === undefined || private_key !== undefined) return undefined
  return { setting: [...setting, 'passphrase'], what: 'there is no private_key that it belongs to' }
}
