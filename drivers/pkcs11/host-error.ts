import type { Reached, TokenErrorCode } from '../token.js'
import { readCkr, tokenErrorCodeOf } from './ckr.js'
import type { HostFailure } from './messages.js'

/** A refusal of the host itself, in plain words. */
export class HostError extends Error {
  override readonly name = 'HostError'
  readonly code: TokenErrorCode
  readonly reached: Reached

  constructor(code: TokenErrorCode, detail: string, reached: Reached = 'yes') {
    super(detail)
    this.code = code
    this.reached = reached
  }
}

/** What was thrown while `doing` something, as data for the parent. */
export function describeFailure(thrown: unknown, doing: string): HostFailure {
  if (thrown instanceof HostError) {
    return { code: thrown.code, detail: thrown.message, reached: thrown.reached }
  }
  const ckr = readCkr(thrown)
  if (ckr === undefined) return { code: 'TOKEN_FAILED', detail: `${doing} failed.`, reached: 'yes' }
  return { code: tokenErrorCodeOf(ckr), detail: `${doing} failed with ${ckr}.`, reached: 'yes', ckr }
}
