import { BridgeError } from '../../bridge-error.js'
import { printable } from '../../ctl/text.js'
import { askLine } from '../ask-line.js'

/** A person types the cluster's name; anything else ends it before something was done. */
export async function confirmCluster(name: string): Promise<void> {
  const typed = await askLine(`Type the name of the cluster (${printable(name)}) to go on: `)
  if (typed.trim() !== name) {
    throw new BridgeError('USAGE', 'The name of the cluster was not typed; nothing was done.')
  }
}
