/** From the settings of clusters to what is well and what mends it. Pure. */
import { type Check, note, ok, wrong } from './check.js'
import type { ClusterFacts, SettingsFault } from './cluster-facts.js'

export function clusterChecks({ file, exists, faults, clusters }: ClusterFacts): Check[] {
  return [
    ...(faults.length === 0 ? [summary(file, exists, clusters)] : faults.map(wholeFault)),
    ...clusters.flatMap(({ name, faults: own, unpinned }) => [
      ...own.map((fault) => secretFault(name, fault)),
      ...(unpinned.length === 0 ? [] : [unpinnedNote(name, unpinned)]),
    ]),
  ]
}

function summary(file: string, exists: boolean, clusters: ClusterFacts['clusters']): Check {
  const own = clusters.filter(({ isLab }) => !isLab)
  const lab = clusters.find(({ isLab }) => isLab)
  const running = lab === undefined ? '' : ` A lab runs: ${lab.name}.`
  if (!exists) return ok('CLUSTERS', `No clusters are described; ${file} would do it.${running}`)
  const named = own.map(({ name, nodes }) => `${name} (${nodes} ${nodes === 1 ? 'node' : 'nodes'})`)
  return ok('CLUSTERS', `Clusters are read from ${file}: ${named.join(', ') || 'none'}.${running}`)
}

function wholeFault({ code, detail, file, line }: SettingsFault): Check {
  const at = [file, line === undefined ? '' : `line ${line}`].filter(Boolean).join(', ')
  const remedy =
    code === 'CONFIG_UNTRUSTED'
      ? 'They decide where files are written. Look whether they are still yours, then: chmod go-w FILE, and chown it to root or to the user who runs the daemon.'
      : 'Correct the setting; until then no cluster of this file is used. docs/clusters.md tells of each.'
  return wrong('CLUSTERS_WRONG', `Clusters, ${at}: ${detail} (${code})`, remedy)
}

function secretFault(name: string, { code, detail, file }: SettingsFault): Check {
  const remedy =
    code === 'SECRET_UNREADABLE'
      ? 'It must be there, belong to the user who runs the daemon, and be readable by nobody else: chown USER FILE, chmod 600 FILE.'
      : 'Correct tls.ca_file, or let the user who runs the daemon read that file.'
  return wrong('CLUSTER_FILE', `Cluster ${name}, ${file ?? 'a file'}: ${detail} (${code})`, remedy)
}

function unpinnedNote(name: string, unpinned: readonly string[]): Check {
  return note(
    'CLUSTER_UNPINNED',
    `Cluster ${name} does not say who its nodes are, and is asked nothing there: ${unpinned.join(', ')}.`,
    `ctl-bridge clusters observe ${name} shows the fingerprints that it finds; compare them with the nodes.`,
  )
}
