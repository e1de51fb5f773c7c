/** Waits until nodes serve a file that a person puts there, or that arrives by replication. */
import type { Caller } from '../../principal.js'
import { auditedUse } from '../../store/audited.js'
import type { PublishedFile } from '../../store/published-files.js'
import { isOfProbe } from './asked-upload.js'
import { CTL_FILE } from './check-published-file.js'
import { chooseNodes } from './choose-nodes.js'
import type { AwaitedNode, AwaitRequest, PublishingParts } from './publishing.js'
import { waitUntilServed } from './wait-until-served.js'

const LOOK_EVERY = 5_000
/** Publications to look for a guided one among. */
const LOOK_BACK = 500

/**
 * Resolves when every node serves it or the deadline is over. What was published by guide and is served now has its
 * outcome in the store and the audit log. Rejects with CLUSTER_NOT_CONFIGURED, AUDIT_NOT_WRITABLE or STORE_UNUSABLE.
 */
export async function awaitPublished(
  parts: PublishingParts,
  caller: Caller,
  { file = CTL_FILE, sha256, deadline, interval = LOOK_EVERY, signal, onProgress, ...request }: AwaitRequest,
): Promise<readonly AwaitedNode[]> {
  const nodes = chooseNodes(parts, request.nodes)
  return await Promise.all(
    nodes.map(async (node) => {
      const waiting = { file, sha256, patience: deadline, interval, signal, onLook: onProgress }
      const look = await waitUntilServed(node, waiting)
      if (look.isServed) await finishGuided(parts, caller, { node: node.name, file, sha256 })
      return look
    }),
  )
}

async function finishGuided(
  { cluster, published, audit }: PublishingParts,
  caller: Caller,
  { node, file, sha256 }: Pick<PublishedFile, 'node' | 'file' | 'sha256'>,
): Promise<void> {
  const latest = await published.latest(cluster, LOOK_BACK)
  const mine = latest.find((entry) => entry.node === node && entry.file === file && !isOfProbe(entry))
  if (mine === undefined || mine.sha256 !== sha256) return
  if (mine.outcome === 'guided') {
    const facts = { cluster, node, file, sha256, to: 'guided', kept: mine.id }
    const use = auditedUse(caller, 'cluster.publish', facts)
    await audit.append({ ...use, phase: 'outcome', outcome: 'ok' })
  } else if (mine.outcome !== 'not-served') return
  await published.finish(mine.id, 'published')
}
