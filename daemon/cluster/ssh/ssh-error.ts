import { BridgeError } from '../../bridge-error.js'
import type { NodeErrorCode } from '../files/node-error.js'

/** An error that names the node. `detail` may hold what the node sent; it is escaped when shown. */
export function sshError(
  code: NodeErrorCode,
  target: { readonly node: string },
  detail: string,
): BridgeError {
  return new BridgeError(code, detail, { node: target.node })
}
