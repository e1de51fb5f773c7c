/** CTL and ITL of every TFTP node, over every way that phones may use there. */
import { BridgeError } from '../../bridge-error.js'
import type { ClusterNode } from '../configuration/cluster-schema.js'
import type { OpenedCluster } from '../opened-cluster.js'
import { ask, type OnUnexpected } from './ask.js'
import { type Asked, type ObservedFile, observedFiles } from './observation.js'
import type { Steps } from './steps.js'
import { type Way, wayNames, waysOf } from './ways.js'

export interface ReadCopy {
  readonly node: ClusterNode
  readonly kind: ObservedFile
  readonly over: Way
  /** null: no such file. */
  readonly asked: Asked<Uint8Array | null>
}

export function readNodes(
  opened: OpenedCluster,
  steps: Steps,
  onUnexpected: OnUnexpected,
): Promise<readonly ReadCopy[]> {
  const { settings } = opened
  const wanted = settings.nodes
    .filter(({ runs }) => runs.includes('tftp'))
    .flatMap((node) => waysOf(settings, node).map((over) => ({ node, over })))
    .flatMap((copy) => (['ctl', 'itl'] as const).map((kind) => ({ ...copy, kind })))
  steps.expect(wanted.length)
  return Promise.all(
    wanted.map(async ({ node, over, kind }): Promise<ReadCopy> => {
      const reading = ask(() => readOrNone(opened, node, over, observedFiles[kind]), onUnexpected)
      const question = `${kind.toUpperCase()} over ${wayNames[over]}`
      return { node, kind, over, asked: await steps.take(node.name, question, reading) }
    }),
  )
}

/** That there is no such file is an answer as well. */
async function readOrNone(
  opened: OpenedCluster,
  node: ClusterNode,
  over: Way,
  file: string,
): Promise<Uint8Array | null> {
  try {
    return await opened.readFile(node, over, file)
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'NODE_HAS_NO_FILE') return null
    throw error
  }
}
