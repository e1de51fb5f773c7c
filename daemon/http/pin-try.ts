/** What every route that may make one try with a PIN shares. */
import { type ProblemCode, toProblem } from '../problems.js'
import type { FailureLimit } from './failure-limit.js'

/** What a token, its library, the guard of PINs and the records of a try can refuse. */
export const pinTryProblems = [
  'TOKEN_UNKNOWN',
  'TOKEN_REMOVED',
  'TOKEN_IN_USE',
  'TOKEN_FAILED',
  'PIN_LENGTH',
  'PIN_WRONG',
  'PIN_LOCKED',
  'PIN_FINAL_TRY',
  'PIN_NOT_SET',
  'PIN_EXPIRED',
  'PIN_REFUSED',
  'PIN_KNOWN_WRONG',
  'PIN_UNKNOWN_OUTCOME',
  'RATE_LIMITED',
  'DEADLINE_EXCEEDED',
  'MODULE_NOT_LOADABLE',
  'MODULE_HOST_DIED',
  'MODULE_FAILED',
  'MODULE_PARKED',
  'AUDIT_NOT_WRITABLE',
  'STORE_UNUSABLE',
] as const satisfies readonly ProblemCode[]

/** Runs `work`, which makes one try at most; RATE_LIMITED after too many on this token that failed. */
export async function limitTries<T>(limit: FailureLimit, serial: string, work: () => Promise<T>): Promise<T> {
  limit.refuse(serial)
  try {
    return await work()
  } catch (error) {
    if (mayHaveSpentTry(error)) limit.count(serial)
    throw error
  }
}

/** A wrong PIN, or a login that was cut short. Right PINs are not counted: a machine may sign often. */
function mayHaveSpentTry(error: unknown): boolean {
  const { code, at } = toProblem(error)
  return code === 'PIN_WRONG' || at.reached === 'maybe'
}
