import { BridgeError, type BridgeErrorCode } from '../../bridge-error.js'

type PublishErrorCode = Extract<BridgeErrorCode, `PUBLISH_${string}` | 'NODE_OUTCOME_UNKNOWN'>

/** Where a file is to go: the node in the settings, and the path there. */
export interface PublishPlace {
  readonly node: string
  readonly path: string
}

export const publishError = (
  code: PublishErrorCode,
  { node, path }: PublishPlace,
  detail: string,
): BridgeError => new BridgeError(code, detail, { node, file: path })

/**
 * Refuses to overwrite what nobody looked at and kept. The file itself may lie there by now: another node that has the
 * same folder was faster.
 */
export function refuseOvertaken(
  place: PublishPlace,
  found: Uint8Array | undefined,
  { before, bytes }: { readonly before: Uint8Array | undefined; readonly bytes: Uint8Array },
): void {
  if (isSame(found, before) || isSame(found, bytes)) return
  const what =
    found === undefined
      ? 'The file that was read a moment ago is gone.'
      : 'Another file lies there than a moment ago.'
  throw publishError('PUBLISH_OVERTAKEN', place, what)
}

export function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return Buffer.compare(one, other) === 0
}
