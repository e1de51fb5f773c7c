/** Files that a migration puts onto nodes, and back. */
import { BridgeError, type BridgeErrorCode } from '../../../bridge-error.js'
import type { OpenedCluster } from '../../../cluster/opened-cluster.js'
import { publishFile } from '../../../cluster/publishing/publish-file.js'
import type { NodePublication } from '../../../cluster/publishing/publishing.js'
import { type PublishingStore, publishingParts } from '../../../cluster/publishing-parts.js'
import { sha256 } from '../../plan/ground.js'
import type { Action } from '../../plan/plan.js'
import { CTL_FILE } from '../../situation/read-node.js'
import type { ActContext, ActionOutcome } from '../hands.js'

type Of<Do extends Action['do']> = Extract<Action, { do: Do }>

export async function publish(
  opened: OpenedCluster,
  store: PublishingStore,
  { artifact, nodes }: Of<'publish'>,
  context: ActContext,
): Promise<ActionOutcome> {
  if (artifact === 'before') return restoreFiles(opened, store, { do: 'restore-files', nodes }, context)
  const bytes = await context.artifact(artifact)
  if (bytes instanceof Uint8Array) return putOn(opened, store, bytes, nodes, context)
  const detail = `The file to publish (${artifact}) was not kept.`
  throw new BridgeError('MIGRATION_NO_COPY', detail, { step: context.step.id })
}

/** Cisco Tftp is restarted by steps of its own, so a node need not serve it yet. */
async function putOn(
  opened: OpenedCluster,
  store: PublishingStore,
  bytes: Uint8Array,
  nodes: readonly string[],
  { caller }: ActContext,
): Promise<ActionOutcome> {
  const report = await publishFile(publishingParts(opened, store), caller, { bytes, nodes, patience: 0 })
  const told = report.nodes.map(sentenceOf)
  const failed = report.nodes.filter(({ outcome }) => outcome === 'failed')
  const worst = failed.find(({ problem }) => problem?.code === 'NODE_OUTCOME_UNKNOWN') ?? failed[0]
  if (worst === undefined) return { lines: told }
  const { node, problem } = worst
  // What is not one of our errors says nothing about how far it came.
  if (problem === undefined || problem.code === 'INTERNAL') throw new Error(told.join(' '))
  throw new BridgeError(problem.code as BridgeErrorCode, told.join(' '), { node, file: CTL_FILE })
}

function sentenceOf({ node, outcome, problem }: NodePublication): string {
  switch (outcome) {
    case 'published':
      return `${node}: it lies there and is served.`
    case 'unchanged':
      return `${node}: it lay there and was served already.`
    case 'not-served':
      return `${node}: it lies there; it is served once Cisco Tftp was restarted.`
    case 'guided':
      return `${node}: a person puts it there.`
    case 'failed':
      return `${node}: ${problem?.detail ?? 'it failed.'}`
  }
}

/** Each node gets what it had. Where it had no file a person deletes what is there: no way back makes that a step of this. */
export async function restoreFiles(
  opened: OpenedCluster,
  store: PublishingStore,
  { nodes }: Of<'restore-files'>,
  context: ActContext,
): Promise<ActionOutcome> {
  const kept: { readonly node: string; readonly file: Uint8Array }[] = []
  for (const node of nodes) {
    const file = await context.before(node)
    if (!(file instanceof Uint8Array)) {
      const detail = `No file that ${node} had before is kept.`
      throw new BridgeError('MIGRATION_NO_COPY', detail, { node, step: context.step.id })
    }
    kept.push({ node, file })
  }
  const lines: string[] = []
  for (const [sum, file] of new Map(kept.map((one) => [sha256(one.file), one.file]))) {
    const own = kept.filter((one) => sha256(one.file) === sum)
    const names = own.map(({ node }) => node)
    lines.push(...(await putOn(opened, store, file, names, context)).lines)
  }
  return { lines }
}
