import { BridgeError } from '../../bridge-error.js'
import type { ClusterNode } from '../configuration/cluster-schema.js'

/** The file as a phone gets it: by the way that the settings prefer, by the other where that one does not answer. */
export async function readServed(
  { read, http_port }: Pick<ClusterNode, 'read' | 'http_port'>,
  over: (way: 'tftp' | 'http') => Promise<Uint8Array>,
): Promise<Uint8Array> {
  try {
    return await over(read)
  } catch (error) {
    if (!(error instanceof BridgeError) || !['NODE_TIMEOUT', 'NODE_UNREACHABLE'].includes(error.code))
      throw error
    if (http_port === 0) throw error
    // Of two refusals the one by the preferred way is told.
    return await over(read === 'tftp' ? 'http' : 'tftp').catch((second: unknown) => {
      throw second instanceof BridgeError && second.code === 'NODE_HAS_NO_FILE' ? second : error
    })
  }
}
