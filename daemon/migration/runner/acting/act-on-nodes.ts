/** Files that a migration puts onto nodes, and back. */
import { BridgeError, type BridgeErrorCode } from '../../../bridge-error.js'
import type { OpenedCluster } from '../../../cluster/opened-cluster.js'
import { publishFile } from '../../../cluster/publishing/publish-file.js'
import type { NodePublication } from '../../../cluster/publishing/publishing.js'
import { type PublishingStore, publishingParts } from '../../../cluster/publishing-parts.js'
import { auditedUse } from '../../../store/audited.js'
import { sha256 } from '../../plan/ground.js'
import type { Action } from '../../plan/plan.js'
import { CTL_FILE } from '../../situation/read-node.js'
import type { ActContext, ActionOutcome } from '../hands.js'
import { auditedAction } from './audited-action.js'

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

/** Each node gets what it had. What had no file is deleted where there is a way to. */
export async function restoreFiles(
  opened: OpenedCluster,
  store: PublishingStore,
  { nodes }: Of<'restore-files'>,
  context: ActContext,
): Promise<ActionOutcome> {
  const kept = await Promise.all(nodes.map(async (node) => ({ node, file: await context.before(node) })))
  const unknown = kept.find(({ file }) => file === undefined)
  if (unknown !== undefined) {
    const detail = `What ${unknown.node} had before is not kept.`
    throw new BridgeError('MIGRATION_NO_COPY', detail, { node: unknown.node, step: context.step.id })
  }
  const lines: string[] = []
  const files = new Map(
    kept.flatMap(({ file }) => (file instanceof Uint8Array ? [[sha256(file), file] as const] : [])),
  )
  for (const [sum, file] of files) {
    const own = kept.filter((one) => one.file instanceof Uint8Array && sha256(one.file) === sum)
    const names = own.map(({ node }) => node)
    lines.push(...(await putOn(opened, store, file, names, context)).lines)
  }
  for (const { node, file } of kept) {
    if (file === 'none') lines.push(await deleteFrom(opened, store, node, context))
  }
  return { lines }
}

async function deleteFrom(
  opened: OpenedCluster,
  store: PublishingStore,
  name: string,
  { caller }: ActContext,
): Promise<string> {
  const { cli, settings } = opened
  const publishing = publishingParts(opened, store).nodes.find((node) => node.name === name)
  const way = publishing?.way
  if (way !== undefined && way.to !== 'guided' && (await way.publisher.read(CTL_FILE)) === undefined) {
    return `${name}: there is no ${CTL_FILE}.`
  }
  const isPublisher = settings.nodes.some((node) => node.name === name && node.runs.includes('publisher'))
  if (cli === undefined || !isPublisher) {
    const where =
      settings.kind === 'cucm'
        ? `on the command line of ${name}: file delete tftp ${CTL_FILE}`
        : `in the TFTP root of ${name}`
    const detail = `${name} had no ${CTL_FILE} before, and the daemon has no way to delete the one there. Delete it ${where}.`
    throw new BridgeError('MIGRATION_FILE_TO_DELETE', detail, { node: name, file: CTL_FILE })
  }
  const facts = { cluster: settings.name, node: name, command: `file delete tftp ${CTL_FILE}` }
  const use = auditedUse(caller, 'cluster.command', facts)
  const count = await auditedAction(store.audit, use, () => cli.deleteTftpFile(CTL_FILE))
  return `${name}: ${count} deleted.`
}
