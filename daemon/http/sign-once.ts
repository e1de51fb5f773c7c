/** What the routes that sign have in common: what can stand in the way, and one signature per Idempotency-Key. */
import type { ProblemCode } from '../problems.js'
import type { Idempotency } from './idempotency.js'
import type { Reply, RouteRequest } from './route.js'

/** Beside the problems of what is signed. */
export const signProblems: readonly ProblemCode[] = [
  'TOKEN_UNKNOWN',
  'TOKEN_LOCKED',
  'TOKEN_REMOVED',
  'TOKEN_IN_USE',
  'KEY_UNUSABLE',
  'SIGNATURE_WRONG',
  'DEADLINE_EXCEEDED',
  'AUDIT_NOT_WRITABLE',
  'IDEMPOTENCY_KEY_REUSED',
]

/** `parts` is what the request consists of. */
export function signOnce(
  idempotency: Idempotency,
  { caller, headers }: Pick<RouteRequest<unknown>, 'caller' | 'headers'>,
  parts: readonly (string | Uint8Array)[],
  work: () => Promise<Reply>,
): Promise<Reply> {
  const key = headers['idempotency-key']
  return idempotency.once(caller.principal.keyId, typeof key === 'string' ? key : undefined, parts, work)
}
