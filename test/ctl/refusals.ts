import type { ExecutionContext } from 'ava'
import { CtlError, type CtlErrorCode } from '../../daemon/ctl/ctl-error.js'

/** The CtlError that `action` throws, of this code. */
export function refusal(t: ExecutionContext, action: () => unknown, code: CtlErrorCode): CtlError {
  const error = t.throws(action, { instanceOf: CtlError })
  t.is(error.code, code, error.message)
  return error
}
