/** What was seen node by node, as one answer. */
import { toProblem } from '../../../problems.js'
import type { Seen } from '../eyes.js'

export interface NodeSeen {
  readonly node: string
  readonly holds: boolean | 'unknown'
  readonly text: string
}

/** Holds when it holds everywhere; is unknown when nothing speaks against it and something was not seen. */
export function seenOf(nodes: readonly NodeSeen[], more: Pick<Seen, 'mark'> = {}): Seen {
  const against = nodes.some(({ holds }) => holds === false)
  const unknown = nodes.some(({ holds }) => holds === 'unknown')
  return {
    holds: against ? false : unknown ? 'unknown' : true,
    evidence: nodes.map(({ node, text }) => ({ node, text })),
    ...(more.mark !== undefined && { mark: more.mark }),
  }
}

/** A node that does not answer is unknown, and the others are told all the same. */
export function eachNode(
  nodes: readonly string[],
  look: (node: string) => Promise<Omit<NodeSeen, 'node'>>,
): Promise<NodeSeen[]> {
  return Promise.all(
    nodes.map(async (node): Promise<NodeSeen> => {
      try {
        return { node, ...(await look(node)) }
      } catch (error) {
        return { node, holds: 'unknown', text: toProblem(error).detail }
      }
    }),
  )
}
