/** Files that a migration keeps and makes: nothing of the cluster changes by these. */
import { BridgeError } from '../../../bridge-error.js'
import type { OpenedCluster } from '../../../cluster/opened-cluster.js'
import { publishingNodes } from '../../../cluster/publishing/open-publishing.js'
import { signCtlFile } from '../../../signing/sign-ctl-file.js'
import type { SigningParts } from '../../../signing/sign-file.js'
import { verifyCtlFile } from '../../../trust/verify/verify-ctl-file.js'
import { certificateNamed } from '../../plan/certificate-named.js'
import { composeRecipe } from '../../plan/compose-recipe.js'
import { seen, sha256 } from '../../plan/ground.js'
import type { Action } from '../../plan/plan.js'
import type { HeldCluster } from '../../situation/held-clusters.js'
import { CTL_FILE, ITL_FILE, nodeNamed, readFileOf, tftpNodes } from '../../situation/read-node.js'
import { beforeName, targetName } from '../artifact-names.js'
import type { ActContext, ActionOutcome } from '../hands.js'

type Of<Do extends Action['do']> = Extract<Action, { do: Do }>

const described = (file: string, bytes: Uint8Array | 'none'): string =>
  bytes === 'none' ? `no ${file}` : `${file}, ${bytes.length} bytes, SHA-256 ${sha256(bytes)}`

/** CTL and ITL as served, and where a file will be written, what lies there, if it is something else. */
export async function keepFiles(
  held: HeldCluster,
  env: NodeJS.ProcessEnv,
  { keep }: ActContext,
): Promise<ActionOutcome> {
  const lines: string[] = []
  for (const node of tftpNodes(held)) {
    // All of a node, or nothing: a copy of half of it is none.
    const [ctl, itl, target] = await Promise.all([
      readFileOf(held, node, CTL_FILE),
      readFileOf(held, node, ITL_FILE),
      readTarget(held.opened, node.name, env),
    ])
    await keep(beforeName(node.name, ITL_FILE), itl)
    if (target !== undefined) await keep(targetName(node.name), target)
    await keep(beforeName(node.name), ctl)
    lines.push(`${node.name}: ${described(CTL_FILE, ctl)}; ${described(ITL_FILE, itl)}.`)
    if (target !== undefined && described('', target) !== described('', ctl)) {
      lines.push(`${node.name}: at the place that is written to lies ${described(CTL_FILE, target)}.`)
    }
  }
  return { lines }
}

/** Undefined where the way cannot look. */
async function readTarget(
  { settings, readFile }: OpenedCluster,
  name: string,
  env: NodeJS.ProcessEnv,
): Promise<Uint8Array | 'none' | undefined> {
  const nodes = publishingNodes(settings, { env, readFile, restartTftp: () => undefined })
  const way = nodes.find((node) => node.name === name)?.way
  if (way === undefined || way.to === 'guided') return undefined
  return (await way.publisher.read(CTL_FILE)) ?? 'none'
}

/** What was kept first stays, so that a step that is repeated signs the same bytes. */
export async function composeDraft(
  { artifact, recipe }: Of<'compose'>,
  context: ActContext,
  now: () => Date,
): Promise<ActionOutcome> {
  const { situation, keep } = context
  const draft = composeRecipe(recipe, {
    base: recipe.base === 'none' ? 'none' : await baseOf(context),
    release: seen(situation.release),
    situation,
    certificate: (sum) => certificateNamed(situation, sum),
    at: now(),
  })
  const kept = await keep(artifact, draft)
  return { lines: [`Composed: ${described(CTL_FILE, kept)}.`] }
}

/** Of the publisher, else of the first node that has one. */
async function baseOf({ situation, before }: ActContext): Promise<Uint8Array> {
  const { nodes } = situation
  const first = nodes.filter(({ runs }) => runs.includes('publisher'))
  for (const { name } of [...first, ...nodes.filter((node) => !first.includes(node))]) {
    const file = await before(name)
    if (file instanceof Uint8Array) return file
  }
  const detail = 'No node had a CTL from which the new one could be made.'
  throw new BridgeError('MIGRATION_NO_COPY', detail, { cluster: situation.cluster })
}

export async function signDraft(
  parts: SigningParts,
  { artifact, from, token }: Of<'sign'>,
  context: ActContext,
): Promise<ActionOutcome> {
  const draft = await context.artifact(from)
  if (!(draft instanceof Uint8Array)) {
    throw new BridgeError('MIGRATION_NO_COPY', `The file to sign (${from}) was not kept.`, {
      step: context.step.id,
    })
  }
  const signed = await context.keep(
    artifact,
    await signCtlFile(parts, context.caller, { token, file: draft }),
  )
  return { lines: [`Signed by token ${token} and verified: ${described(CTL_FILE, signed)}.`] }
}

/** The file that the cluster built. All nodes must serve the same one, and it must verify. */
export async function keepServed(
  held: HeldCluster,
  { artifact, nodes }: Of<'keep-served'>,
  { keep }: ActContext,
): Promise<ActionOutcome> {
  const files = await Promise.all(
    nodes.map(async (name) => ({ name, file: await readFileOf(held, nodeNamed(held, name), CTL_FILE) })),
  )
  const [first] = files
  const other = files.find(({ file }) => described('', file) !== described('', first?.file ?? 'none'))
  if (first === undefined || first.file === 'none' || other !== undefined) {
    const told = files.map(({ name, file }) => `${name}: ${described(CTL_FILE, file)}`).join('; ')
    throw new BridgeError('MIGRATION_NEEDS_UNMET', `The nodes do not serve one and the same file. ${told}.`, {
      ...(other !== undefined && { node: other.name }),
    })
  }
  const { problem } = verifyCtlFile(first.file)
  if (problem !== undefined) {
    const detail = `The file that the nodes serve does not verify: ${problem.detail}`
    throw new BridgeError('PUBLISH_FILE_REFUSED', detail, { node: first.name, file: CTL_FILE })
  }
  return { lines: [`Kept: ${described(CTL_FILE, await keep(artifact, first.file))}.`] }
}
