/** Files of a node and the mode of a cluster, as observed or with why not. */
import { BridgeError } from '../../bridge-error.js'
import type { ClusterNode } from '../../cluster/configuration/cluster-schema.js'
import type { OnUnexpected } from '../../cluster/observe/ask.js'
import type { SecurityMode } from '../../cluster/ports.js'
import { readServed } from '../../cluster/publishing/read-served.js'
import { toProblem } from '../../problems.js'
import type { HeldCluster } from './held-clusters.js'
import type { Observed } from './situation.js'

export const CTL_FILE = 'CTLFile.tlv'
export const ITL_FILE = 'ITLFile.tlv'

export async function observed<T>(
  at: string,
  look: () => Promise<T>,
  onUnexpected: OnUnexpected = () => undefined,
): Promise<Observed<T>> {
  try {
    return { seen: await look(), at }
  } catch (error) {
    const { code, detail } = toProblem(error)
    if (code === 'INTERNAL') onUnexpected(error)
    return { unseen: detail, at }
  }
}

/** Rejects with NODE_…; that there is no such file is an answer. */
export async function readFileOf(
  { opened }: HeldCluster,
  node: ClusterNode,
  file: string,
): Promise<Uint8Array | 'none'> {
  try {
    return await readServed(node, (over) => opened.readFile(node, over, file))
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'NODE_HAS_NO_FILE') return 'none'
    throw error
  }
}

export const tftpNodes = ({ opened }: HeldCluster): ClusterNode[] =>
  opened.settings.nodes.filter(({ runs }) => runs.includes('tftp'))

export const publisherOf = ({ opened: { settings } }: HeldCluster): string =>
  settings.nodes.find(({ runs }) => runs.includes('publisher'))?.name ?? settings.name

/** Over AXL, and over the command line where AXL does not answer. */
export async function observeMode(held: HeldCluster): Promise<Observed<SecurityMode>> {
  const { axl, cli, settings } = held.opened
  const at = publisherOf(held)
  if (settings.kind === 'asterisk') return { unseen: 'Asterisk has no security mode.', at }
  if (axl === undefined && cli === undefined) {
    return { unseen: 'The settings have neither axl nor cli to ask for it.', at }
  }
  const overAxl = axl && (await observed(at, () => held.ask('axl', () => axl.securityMode())))
  if (overAxl !== undefined && ('seen' in overAxl || cli === undefined)) return overAxl
  const overCli = cli && (await observed(at, () => held.ask('cli', () => cli.securityMode())))
  return overCli ?? { unseen: 'Nobody could be asked.', at }
}

export function nodeNamed({ opened: { settings } }: HeldCluster, name: string): ClusterNode {
  const found = settings.nodes.find((node) => node.name === name)
  if (found !== undefined) return found
  const place = { cluster: settings.name, node: name }
  throw new BridgeError('CLUSTER_NOT_CONFIGURED', `The settings have no node ${name} any more.`, place)
}
