/** One file onto one node: what was there is kept first, then it is written, or a person is told how to. */
import type { Caller } from '../../principal.js'
import { toProblem } from '../../problems.js'
import { audited, auditedUse } from '../../store/audited.js'
import type { CheckedFile } from './check-published-file.js'
import { isSame } from './publish-error.js'
import type { NodePublication, PublishingNode, PublishingParts, PublishingWay } from './publishing.js'
import { type Before, statesOf } from './read-before.js'

/** `written` is an outcome that reading back has to decide. */
export type PutOutcome = Omit<NodePublication, 'outcome'> & {
  readonly outcome: 'written' | 'unchanged' | 'guided' | 'failed'
}

export interface FoundNode {
  readonly node: PublishingNode
  readonly way: PublishingWay
  readonly before: Before
}

/** Never rejects. */
export async function putOnNode(
  parts: PublishingParts,
  caller: Caller,
  checked: CheckedFile,
  { node, way, before }: FoundNode,
): Promise<PutOutcome> {
  const base = { node: node.name, to: way.to, ...statesOf(before) }
  const lies = isSame(before.target ?? undefined, checked.bytes)
  const isServed = isSame(before.served ?? undefined, checked.bytes)
  if (isServed && (lies || way.to === 'guided')) return { ...base, outcome: 'unchanged' }
  if (lies) return { ...base, outcome: 'written' }
  let kept: number
  try {
    parts.onStep?.({ node: node.name, step: 'keeping' })
    kept = await keep(parts, caller, checked, node, before)
  } catch (error) {
    return { ...base, outcome: 'failed', problem: toProblem(error) }
  }
  const put = await putKept(parts, caller, checked, { node, way, before, kept })
  return { ...base, kept, ...put }
}

export function keep(
  { cluster, published }: PublishingParts,
  { principal: { keyId, name }, requestId }: Caller,
  { file, bytes }: CheckedFile,
  node: PublishingNode,
  before: Before,
): Promise<number> {
  const entry = { cluster, node: node.name, file, principal: { keyId, name }, requestId }
  return published.keep({ ...entry, target: before.target, served: before.served, bytes })
}

interface KeptNode extends FoundNode {
  readonly kept: number
}

async function putKept(
  parts: PublishingParts,
  caller: Caller,
  { file, bytes, sha256 }: CheckedFile,
  { node, way, before, kept }: KeptNode,
): Promise<Pick<PutOutcome, 'outcome' | 'problem' | 'steps'>> {
  const facts = { cluster: parts.cluster, node: node.name, file, sha256, to: way.to, kept }
  const use = auditedUse(caller, 'cluster.publish', facts)
  let isWritten = false
  try {
    if (way.to === 'guided') {
      // Its outcome is written when the file is seen to be served (`awaitPublished`).
      await parts.audit.append({ ...use, phase: 'intent' })
      return { outcome: 'guided', steps: way.steps(file) }
    }
    await audited(parts.audit, use, async () => {
      parts.onStep?.({ node: node.name, step: 'writing' })
      await way.publisher.write(file, bytes, { before: before.target ?? undefined })
      isWritten = true
    })
    return { outcome: 'written' }
  } catch (error) {
    const problem = toProblem(error)
    const maybe = isWritten || problem.code === 'NODE_OUTCOME_UNKNOWN'
    return { outcome: maybe ? 'written' : 'failed', problem }
  }
}
