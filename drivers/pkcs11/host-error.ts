import type { Reached, TokenErrorCode } from '../token.js'
import { readCkr, tokenErrorCodeOf } from './ckr.js'
import type { HostFailure } from './messages.js'

/** A refusal of the host itself, in plain words. */
export class HostError extends Error {
  override readonly name = 'HostError'
  readonly code: TokenErrorCode
  readonly reached: Reached
  readonly ckr: string | undefined

  constructor(code: TokenErrorCode, detail: string, reached: Reached = 'yes', ckr?: string) {
    super(detail)
    this.code = code
    this.reached = reached
    this.ckr = ckr
  }
}

/** Does what comes before a try with a PIN; what fails here says that the PIN was not sent. */
export function beforeTry<T>(doing: string, prepare: () => T): T {
  try {
    return prepare()
  } catch (thrown) {
    const { code, detail, ckr } = describeFailure(thrown, doing)
    throw new HostError(code, detail, 'no', ckr)
  }
}

/** What was thrown while `doing` something, as data for the parent. */
export function describeFailure(thrown: unknown, doing: string): HostFailure {
  if (thrown instanceof HostError) {
    const { code, message: detail, reached, ckr } = thrown
    return { code, detail, reached, ...(ckr !== undefined && { ckr }) }
  }
  const ckr = readCkr(thrown)
  if (ckr === undefined) return { code: 'TOKEN_FAILED', detail: `${doing} failed.`, reached: 'yes' }
  return { code: tokenErrorCodeOf(ckr), detail: `${doing} failed with ${ckr}.`, reached: 'yes', ckr }
}
