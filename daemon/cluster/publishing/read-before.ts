/** What is on a node before something is published: nothing is overwritten that has no copy. */
import { BridgeError } from '../../bridge-error.js'
import { sha256Of } from './check-published-file.js'
import type { FileState, PublishingNode, PublishingWay } from './publishing.js'

/** undefined: could not be looked at. null: no file. */
export interface Before {
  readonly target: Uint8Array | null | undefined
  readonly served: Uint8Array | null | undefined
}

/** Rejects when there is nothing that could be kept: the target cannot be read, or of a guided node what it serves. */
export async function readBefore(node: PublishingNode, way: PublishingWay, file: string): Promise<Before> {
  const [served, target] = await Promise.allSettled([
    orNone(node.readServed(file)),
    way.to === 'guided' ? undefined : way.publisher.read(file).then((found) => found ?? null),
  ])
  if (target.status === 'rejected') throw target.reason
  if (served.status === 'rejected' && way.to === 'guided') throw served.reason
  return {
    target: target.value,
    served: served.status === 'fulfilled' ? served.value : undefined,
  }
}

async function orNone(reading: Promise<Uint8Array>): Promise<Uint8Array | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'NODE_HAS_NO_FILE') return null
    throw error
  }
}

export const stateOf = (found: Uint8Array | null): FileState => (found === null ? null : sha256Of(found))

/** For a report: what could not be looked at is left out. */
export function statesOf({ target, served }: Before): { targetBefore?: FileState; servedBefore?: FileState } {
  return {
    ...(target !== undefined && { targetBefore: stateOf(target) }),
    ...(served !== undefined && { servedBefore: stateOf(served) }),
  }
}
