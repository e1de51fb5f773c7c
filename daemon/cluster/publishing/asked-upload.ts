/**
 * The file that a probe asks a person to upload: kept by its first call, and what the second call compares with. What
 * the node serves after the upload proves nothing by itself: it may be any file.
 */
import { BridgeError } from '../../bridge-error.js'
import type { Caller } from '../../principal.js'
import type { PublishedFile } from '../../store/published-files.js'
import { type CheckedFile, CTL_FILE, checkPublishedFile } from './check-published-file.js'
import type { FileState, PublishingNode, PublishingParts } from './publishing.js'
import { keep } from './put-on-node.js'
import type { Before } from './read-before.js'

/** What came of a file that a probe kept. `open`: a person is to upload it, and nobody said yet that it was done. */
export const probeOutcomes = { open: 'probe-open', done: 'probe', failed: 'probe-failed' } as const

export const isOfProbe = ({ outcome }: PublishedFile): boolean =>
  Object.values<string | undefined>(probeOutcomes).includes(outcome)

export interface AskedUpload {
  readonly kept: number
  /** ISO 8601: when the node served it. */
  readonly at: string
  readonly node: string
  readonly checked: CheckedFile
}

type Parts = Pick<PublishingParts, 'cluster' | 'published'>

/** Entries to look for the latest of a node among. */
const LOOK_BACK = 500

/**
 * What was kept under this number, for the node. Rejects with PUBLISH_ENTRY_UNKNOWN where no probe of this cluster and
 * node kept it, and with PUBLISH_PROBE_OVER where it is no longer the file to compare with.
 */
export async function askedUpload(
  parts: Parts,
  kept: number,
  node: string | undefined,
): Promise<AskedUpload> {
  const { cluster, published } = parts
  const entry = await published.get(kept)
  const at = { cluster, ...(node !== undefined && { node }) }
  const isMine = entry?.cluster === cluster && entry.file === CTL_FILE && isOfProbe(entry)
  if (!isMine || (node ?? entry.node) !== entry.node) {
    const detail = `No probe of ${node ?? cluster} kept a file as entry ${kept}.`
    throw new BridgeError('PUBLISH_ENTRY_UNKNOWN', detail, at)
  }
  if (entry.outcome === probeOutcomes.done) throw over(entry, 'This probe has its outcome.')
  const latest = await latestOf(parts, entry.node)
  if (latest?.id !== kept) {
    const by = latest === undefined ? 'many others' : `entry ${latest.id}`
    throw over(
      entry,
      `Since this file was kept, ${by} came for ${entry.node}: it need not be right any more.`,
    )
  }
  return await withBytes(parts, entry)
}

const over = ({ id, cluster, node }: PublishedFile, why: string): BridgeError =>
  new BridgeError('PUBLISH_PROBE_OVER', `Entry ${id} cannot be compared with: ${why}`, { cluster, node })

/** What a probe asked to upload last, if it was never seen to be served, and nothing was published to the node since. */
export async function pendingUpload(parts: Parts, node: string): Promise<AskedUpload | undefined> {
  const latest = await latestOf(parts, node)
  if (latest === undefined || !isOfProbe(latest) || latest.outcome === probeOutcomes.done) return undefined
  return await withBytes(parts, latest)
}

export async function keepToUpload(
  parts: PublishingParts,
  caller: Caller,
  checked: CheckedFile,
  node: PublishingNode,
  before: Before,
): Promise<AskedUpload> {
  const { published } = parts
  const kept = await keep(parts, caller, checked, node, before)
  await published.finish(kept, probeOutcomes.open)
  const at = (await published.get(kept))?.at ?? ''
  return { kept, at, node: node.name, checked }
}

async function latestOf({ cluster, published }: Parts, node: string): Promise<PublishedFile | undefined> {
  const latest = await published.latest(cluster, LOOK_BACK)
  return latest.find((entry) => entry.node === node && entry.file === CTL_FILE)
}

async function withBytes({ cluster, published }: Parts, entry: PublishedFile): Promise<AskedUpload> {
  const { id, at, node, sha256 } = entry
  const bytes = await published.bytes(sha256)
  if (bytes === undefined) {
    const detail = `The store does not hold the bytes of entry ${id}.`
    throw new BridgeError('PUBLISH_ENTRY_UNKNOWN', detail, { cluster, node })
  }
  return { kept: id, at, node, checked: checkPublishedFile(bytes) }
}

/** `found`: the beginning of the sentence, what is there instead. */
export function wrongFile(
  cluster: string,
  { kept, at, node, checked }: AskedUpload,
  found: string,
): BridgeError {
  const { file, sha256 } = checked
  const when = `${at.slice(0, 16).replace('T', ' ')} UTC`
  const detail = [
    `${found}, not the one to upload (SHA-256 ${sha256}, entry ${kept}).`,
    `Unless somebody changed the CTL on purpose since ${when}, put that one back at once:`,
    `ctl-bridge clusters files ${cluster} ${kept} --published --out ${file}`,
  ].join(' ')
  return new BridgeError('PUBLISH_WRONG_FILE', detail, { cluster, node, file })
}

export const servedInstead = (file: string, served: FileState): string =>
  served === null ? `It serves no ${file}` : `It serves another ${file} (SHA-256 ${served})`
