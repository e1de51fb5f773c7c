/** What can stand in the way of every route that signs. */
import type { ProblemCode } from '../problems.js'

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
