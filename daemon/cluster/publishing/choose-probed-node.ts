import { chooseNodes } from './choose-nodes.js'
import type { PublishingNode } from './publishing.js'

export interface ProbeNode extends PublishingNode {
  readonly isPublisher: boolean
}

/** The node that was named; else one whose trouble would touch the fewest phones: a subscriber. */
export function chooseProbedNode(
  { cluster, nodes }: { readonly cluster: string; readonly nodes: readonly ProbeNode[] },
  name: string | undefined,
): ProbeNode {
  const chosen = chooseNodes({ cluster, nodes }, name === undefined ? undefined : [name])
  const among = nodes.filter((node) => chosen.includes(node))
  const node = among.find(({ isPublisher }) => !isPublisher) ?? among[0]
  if (node === undefined) throw new Error('a cluster without TFTP is refused with the settings')
  return node
}
