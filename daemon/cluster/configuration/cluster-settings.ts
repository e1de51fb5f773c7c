/**
 * The clusters that are configured, from two files: one that people write, and one that a running lab writes. Both are
 * read again when they changed, so that a daemon with unlocked tokens need not be restarted.
 *
 * A file that is wrong is not used at all, nor is what it said before: a node that was meant to be taken out, or whose
 * address changed, would be written to otherwise. The other file counts on.
 */
import { type BigIntStats, statSync } from 'node:fs'
import { BridgeError } from '../../bridge-error.js'
import type { ClusterFiles } from '../../config.js'
import { parseSettings, readSettingsFile, settingError } from '../../settings-file.js'
import { faultOf } from './check-clusters.js'
import { type Cluster, type Clusters, clustersSchema } from './cluster-schema.js'

export interface ConfiguredCluster {
  readonly settings: Cluster
  /** The file that describes it. */
  readonly file: string
  readonly isLab: boolean
}

export interface ClusterList {
  /** By name. */
  readonly clusters: readonly ConfiguredCluster[]
  /** Of files that are wrong: CONFIG_INVALID or CONFIG_UNTRUSTED. Their clusters are not in the list. */
  readonly problems: readonly BridgeError[]
}

export interface ClusterSettings {
  readonly list: () => ClusterList
  /** Throws CLUSTER_UNKNOWN, and what is wrong with a file that may hold it. */
  readonly get: (name: string) => ConfiguredCluster
}

export function openClusterSettings({ file, isNamed, lab }: ClusterFiles): ClusterSettings {
  const own = new WatchedFile(file, isNamed)
  // Somebody may name the lab's file in the settings: it is one file all the same.
  const isLabNamed = file === lab
  const labs = new WatchedFile(lab, false)
  const list = (): ClusterList => {
    const [ownState, labState] = [own.state(), isLabNamed ? {} : labs.state()]
    const configured = (ownState.clusters ?? []).map((settings) => ({ settings, file, isLab: isLabNamed }))
    const [fromLab, clash] = withoutClash(labState.clusters ?? [], configured, lab)
    const problems = [ownState.problem, labState.problem, clash].filter((problem) => problem !== undefined)
    const clusters = [
      ...configured,
      ...fromLab.map((settings) => ({ settings, file: lab, isLab: true })),
    ].sort((a, b) => (a.settings.name < b.settings.name ? -1 : 1))
    return { clusters, problems }
  }
  return {
    list,
    get: (name) => {
      const { clusters, problems } = list()
      const found = clusters.find(({ settings }) => settings.name === name)
      if (found !== undefined) return found
      if (problems[0] !== undefined) throw problems[0]
      throw unknown(name, clusters)
    },
  }
}

function unknown(name: string, clusters: readonly ConfiguredCluster[]): BridgeError {
  const names = clusters.map(({ settings }) => settings.name)
  const there = names.length === 0 ? 'none is configured' : `there are ${names.join(', ')}`
  const detail = `No cluster is named ${JSON.stringify(name.slice(0, 64))}; ${there}.`
  return new BridgeError('CLUSTER_UNKNOWN', detail, { cluster: name.slice(0, 64) })
}

/** A lab never takes the name of a cluster with phones on desks. */
function withoutClash(
  fromLab: Clusters,
  configured: readonly ConfiguredCluster[],
  lab: string,
): readonly [Clusters, BridgeError | undefined] {
  const isTaken = ({ name }: Cluster) => configured.some(({ settings }) => settings.name === name)
  const taken = fromLab.find(isTaken)
  if (taken === undefined) return [fromLab, undefined]
  const detail = `The lab has a cluster named ${taken.name}, as the settings have: the lab’s is left out.`
  const problem = new BridgeError('CONFIG_INVALID', detail, { file: lab, cluster: taken.name })
  return [fromLab.filter((cluster) => !isTaken(cluster)), problem]
}

interface FileState {
  readonly clusters?: Clusters
  readonly problem?: BridgeError
}

class WatchedFile {
  readonly #path: string
  readonly #mustExist: boolean
  /** What the file looked like when it was read. */
  #seen: string | undefined
  #state: FileState = {}

  constructor(path: string, mustExist: boolean) {
    this.#path = path
    this.#mustExist = mustExist
  }

  state(): FileState {
    const seen = this.#look()
    if (seen === undefined || seen !== this.#seen) {
      this.#state = this.#read(seen !== undefined)
      this.#seen = seen
    }
    return this.#state
  }

  /** undefined: not there, or not to be looked at. */
  #look(): string | undefined {
    try {
      const { dev, ino, size, mtimeNs, ctimeNs } = statSync(this.#path, { bigint: true }) as BigIntStats
      return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // The lab's folder may belong to somebody else, who runs no lab for us.
      return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : (code ?? 'unknown')
    }
  }

  #read(isThere: boolean): FileState {
    if (!isThere && !this.#mustExist) return {}
    try {
      return { clusters: parseClusters(readSettingsFile(this.#path), this.#path) }
    } catch (error) {
      if (error instanceof BridgeError) return { problem: error }
      throw error
    }
  }
}

/** Throws CONFIG_INVALID with file, setting and line. */
export function parseClusters(text: string, path: string): Clusters {
  const { clusters } = parseSettings(clustersSchema, text, path)
  const fault = faultOf(clusters)
  if (fault !== undefined) throw settingError(fault.setting, fault.what, { text, path })
  return clusters
}
