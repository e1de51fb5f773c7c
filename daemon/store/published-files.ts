/**
 * The port of what was published: each file of a node that is to be overwritten is kept here first, with who
 * overwrote it and what came of it. Nothing is ever removed.
 *
 * Adapter: `published-file-table.ts`.
 */
export interface PublishedFile {
  readonly id: number
  /** ISO 8601, UTC, written by the adapter. */
  readonly at: string
  readonly cluster: string
  readonly node: string
  readonly file: string
  readonly principal: { readonly keyId: string; readonly name: string }
  readonly requestId: string
  readonly before: StateBefore
  /** Of the file that was to take its place, which is kept, too. */
  readonly sha256: string
  /** Absent: the daemon ended before it was known. */
  readonly outcome?: string
}

/**
 * What was there: at the target, or as the node served it, where the target cannot be read. A node that serves
 * something else than lies at its target has both kept.
 */
export interface StateBefore {
  /** SHA-256; null: there was no file; undefined: could not be looked at. */
  readonly target?: string | null
  readonly served?: string | null
}

export interface NewPublishedFile
  extends Pick<PublishedFile, 'cluster' | 'node' | 'file' | 'principal' | 'requestId'> {
  /** The bytes; null: there was no file; undefined: could not be looked at. */
  readonly target: Uint8Array | null | undefined
  readonly served: Uint8Array | null | undefined
  readonly bytes: Uint8Array
}

export interface PublishedFiles {
  /** Resolves with the id when all of it is on disk. Rejects with STORE_UNUSABLE. */
  keep(entry: NewPublishedFile): Promise<number>
  finish(id: number, outcome: string): Promise<void>
  get(id: number): Promise<PublishedFile | undefined>
  /** At most `limit` of a cluster, the latest first. */
  latest(cluster: string, limit: number): Promise<readonly PublishedFile[]>
  /** The bytes of a file that was kept, by SHA-256. */
  bytes(sha256: string): Promise<Uint8Array | undefined>
}
