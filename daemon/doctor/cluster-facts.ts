/** What the doctor finds in the settings of clusters, as values; `look-at-clusters.ts` gathers them. */

export interface SettingsFault {
  /** CONFIG_INVALID, SECRET_UNREADABLE … */
  readonly code: string
  readonly detail: string
  readonly file?: string
  readonly line?: number
}

export interface ClusterFacts {
  /** The file that people write. */
  readonly file: string
  readonly exists: boolean
  /** Of files as a whole. */
  readonly faults: readonly SettingsFault[]
  readonly clusters: readonly {
    readonly name: string
    readonly nodes: number
    readonly isLab: boolean
    /** Passwords, keys and certificates that this user cannot read, or that others can. */
    readonly faults: readonly SettingsFault[]
    /** Settings without which a node is a stranger: `cli.host_key`, `web_fingerprint of NODE`. */
    readonly unpinned: readonly string[]
  }[]
}
