import { BridgeError } from '../../bridge-error.js'
import type { PublishingNode } from './publishing.js'

/** Those that were named, each once; all where none was. Throws CLUSTER_NOT_CONFIGURED for one that is not there. */
export function chooseNodes(
  { cluster, nodes }: { readonly cluster: string; readonly nodes: readonly PublishingNode[] },
  names: readonly string[] | undefined,
): readonly PublishingNode[] {
  for (const name of names ?? []) {
    if (nodes.some((node) => node.name === name)) continue
    const detail = `No node ${JSON.stringify(name)} that runs TFTP is in the settings; there are ${nodes.map((node) => node.name).join(', ')}.`
    throw new BridgeError('CLUSTER_NOT_CONFIGURED', detail, { cluster, node: name.slice(0, 100) })
  }
  return names === undefined || names.length === 0 ? nodes : nodes.filter(({ name }) => names.includes(name))
}
