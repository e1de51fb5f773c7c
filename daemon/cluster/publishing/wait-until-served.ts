/** Reading back until a node serves a file: CUCM serves it once Cisco Tftp has restarted, and replicas come late. */
import { setTimeout as sleep } from 'node:timers/promises'
import { BridgeError } from '../../bridge-error.js'
import { type Problem, toProblem } from '../../problems.js'
import { sha256Of } from './check-published-file.js'
import type { AwaitedNode, PublishingNode } from './publishing.js'

export interface Waiting {
  readonly file: string
  readonly sha256: string
  /** Milliseconds. At least one look is taken. */
  readonly patience: number
  /** Milliseconds between two looks. */
  readonly interval: number
  readonly signal?: AbortSignal | undefined
  readonly onLook?: ((look: AwaitedNode) => void) | undefined
}

/** Never rejects: the last look says how it is. */
export async function waitUntilServed(node: PublishingNode, waiting: Waiting): Promise<AwaitedNode> {
  const { patience, interval, signal, onLook } = waiting
  const end = performance.now() + patience
  for (;;) {
    const look = await lookOnce(node, waiting)
    onLook?.(look)
    if (look.isServed || signal?.aborted || performance.now() + interval > end) return look
    await sleep(interval, undefined, { signal }).catch(() => undefined)
  }
}

export async function lookOnce(
  node: PublishingNode,
  { file, sha256 }: Pick<Waiting, 'file' | 'sha256'>,
): Promise<AwaitedNode> {
  try {
    const served = sha256Of(await node.readServed(file))
    const isServed = served === sha256
    return { node: node.name, isServed, served, ...(!isServed && { problem: notServed(node, file, served) }) }
  } catch (error) {
    const { name } = node
    if (!(error instanceof BridgeError) || error.code !== 'NODE_HAS_NO_FILE') {
      return { node: name, isServed: false, problem: toProblem(error) }
    }
    return { node: name, isServed: false, served: null, problem: notServed(node, file, null) }
  }
}

function notServed({ name }: PublishingNode, file: string, served: string | null): Problem {
  const what = served === null ? `It serves no ${file}.` : `It serves another ${file} (SHA-256 ${served}).`
  return toProblem(new BridgeError('PUBLISH_NOT_SERVED', what, { node: name, file }))
}
