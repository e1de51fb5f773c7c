/**
 * Clusters that a migration looks at again and again, kept open between two looks: on CUCM each login stands in a log,
 * and several that fail lock the account.
 */
import { BridgeError } from '../../bridge-error.js'
import type { ClusterDesk } from '../../cluster/cluster-desk.js'
import type { Cluster } from '../../cluster/configuration/cluster-schema.js'
import type { OpenedCluster } from '../../cluster/opened-cluster.js'

/** The ways to a cluster that ask for a password. */
export type Door = 'axl' | 'cli' | `control-center ${string}`

export interface HeldCluster {
  readonly opened: OpenedCluster
  /** A password that was refused is not sent again, until the settings change or somebody resumes. */
  readonly ask: <T>(door: Door, question: () => Promise<T>) => Promise<T>
}

interface Kept {
  readonly settings: Cluster
  readonly opened: Promise<OpenedCluster>
  readonly refused: Map<Door, BridgeError>
  users: number
  idle: NodeJS.Timeout | undefined
}

/** Milliseconds: longer than the pause between two looks. */
const IDLE = 90_000

export class HeldClusters {
  readonly #clusters: Pick<ClusterDesk, 'find' | 'open'>
  readonly #kept = new Map<string, Kept>()

  constructor(clusters: Pick<ClusterDesk, 'find' | 'open'>) {
    this.#clusters = clusters
  }

  /** Rejects with CLUSTER_UNKNOWN, what is wrong with the settings, and what `look` rejects with. */
  async use<T>(name: string, look: (held: HeldCluster) => Promise<T>): Promise<T> {
    const kept = this.#keptOf(name)
    kept.users += 1
    clearTimeout(kept.idle)
    try {
      return await look({
        opened: await kept.opened,
        ask: (door, question) => ask(kept, door, question),
      })
    } finally {
      kept.users -= 1
      if (this.#kept.get(name) !== kept) await closeUnused(kept)
      else if (kept.users === 0) {
        kept.idle = setTimeout(() => void this.forget(name), IDLE).unref()
      }
    }
  }

  /** The next look opens it anew, with the passwords of then. */
  async forget(name: string): Promise<void> {
    const kept = this.#kept.get(name)
    if (kept === undefined) return
    this.#kept.delete(name)
    clearTimeout(kept.idle)
    await closeUnused(kept)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#kept.keys()].map((name) => this.forget(name)))
  }

  #keptOf(name: string): Kept {
    const { settings } = this.#clusters.find(name)
    const kept = this.#kept.get(name)
    // The settings are read anew when their file changed, and are another object then.
    if (kept?.settings === settings) return kept
    if (kept !== undefined) void this.forget(name)
    const opened = this.#clusters.open(name)
    const fresh: Kept = { settings, opened, refused: new Map(), users: 0, idle: undefined }
    this.#kept.set(name, fresh)
    opened.catch(() => {
      if (this.#kept.get(name) === fresh) this.#kept.delete(name)
    })
    return fresh
  }
}

async function closeUnused({ users, opened }: Kept): Promise<void> {
  if (users > 0) return
  await opened.then(({ close }) => close()).catch(() => undefined)
}

async function ask<T>({ refused }: Kept, door: Door, question: () => Promise<T>): Promise<T> {
  const before = refused.get(door)
  if (before !== undefined) throw before
  try {
    return await question()
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'NODE_LOGIN_REFUSED') refused.set(door, error)
    throw error
  }
}
