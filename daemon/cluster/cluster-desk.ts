/**
 * The clusters of the settings, and who may do what with one at the same time: any number of looks, of which equal
 * ones are one, and one change.
 */
import { BridgeError } from '../bridge-error.js'
import type { Cluster } from './configuration/cluster-schema.js'
import type { ClusterList, ClusterSettings, ConfiguredCluster } from './configuration/cluster-settings.js'
import type { OpenedCluster } from './opened-cluster.js'

export interface ClusterDeskParts {
  readonly settings: ClusterSettings
  readonly open: (cluster: Cluster) => Promise<OpenedCluster>
}

/** Why a cluster is not to be changed by somebody who asks for it now; undefined when nothing is said against it. */
export type Objection = (cluster: string, doing: string) => Promise<BridgeError | undefined>

interface Change {
  readonly doing: string
  /** Resolves when it has ended, however it did. */
  readonly ended: Promise<unknown>
}

export class ClusterDesk {
  readonly #settings: ClusterSettings
  readonly #open: ClusterDeskParts['open']
  readonly #looks = new Map<string, Promise<unknown>>()
  /** What is being done to a cluster, by its name. */
  readonly #changes = new Map<string, Change>()
  readonly #objections: Objection[] = []
  readonly #running = new Set<Promise<unknown>>()

  constructor({ settings, open }: ClusterDeskParts) {
    this.#settings = settings
    this.#open = open
  }

  list(): ClusterList {
    return this.#settings.list()
  }

  /** Throws CLUSTER_UNKNOWN, and what is wrong with the settings. */
  find(name: string): ConfiguredCluster {
    return this.#settings.get(name)
  }

  /** What is being changed on it now: `publish`. */
  doing(name: string): string | undefined {
    return this.#changes.get(name)?.doing
  }

  /** Asked before each `change`. */
  objectTo(objection: Objection): void {
    this.#objections.push(objection)
  }

  /** For somebody who looks at it again and again, and closes it. */
  open(name: string): Promise<OpenedCluster> {
    return this.#open(this.find(name).settings)
  }

  /** Whoever asks for the same `what` while one runs gets the answer of that one. */
  async look<T>(name: string, what: string, work: (opened: OpenedCluster) => Promise<T>): Promise<T> {
    const cluster = this.find(name).settings
    const id = `${name} ${what}`
    const under = this.#looks.get(id)
    if (under !== undefined) return under as Promise<T>
    const look = this.#run(cluster, work).finally(() => this.#looks.delete(id))
    this.#looks.set(id, look)
    return look
  }

  /** Goes on to its end whether or not somebody waits for it. Rejects with CLUSTER_BUSY and what is said against it. */
  async change<T>(name: string, doing: string, work: (opened: OpenedCluster) => Promise<T>): Promise<T> {
    this.find(name)
    for (const objection of this.#objections) {
      const against = await objection(name, doing)
      if (against !== undefined) throw against
    }
    const before = this.#changes.get(name)
    if (before !== undefined) {
      throw new BridgeError('CLUSTER_BUSY', `A ${before.doing} is under way on ${name}.`, { cluster: name })
    }
    return await this.#change(name, doing, work)
  }

  /** As `change`, after whatever is under way, and whatever is said against it. */
  async changeInTurn<T>(
    name: string,
    doing: string,
    work: (opened: OpenedCluster) => Promise<T>,
  ): Promise<T> {
    for (;;) {
      const before = this.#changes.get(name)
      if (before === undefined) return await this.#change(name, doing, work)
      await before.ended
    }
  }

  /** Resolves when no change is under way any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  async #change<T>(name: string, doing: string, work: (opened: OpenedCluster) => Promise<T>): Promise<T> {
    const running = this.#run(this.find(name).settings, work)
    const ended = running.then(
      () => undefined,
      () => undefined,
    )
    this.#changes.set(name, { doing, ended })
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
      this.#changes.delete(name)
    }
  }

  async #run<T>(cluster: Cluster, work: (opened: OpenedCluster) => Promise<T>): Promise<T> {
    const opened = await this.#open(cluster)
    try {
      return await work(opened)
    } finally {
      // A connection that does not end well takes no result with it.
      await opened.close().catch(() => undefined)
    }
  }
}
