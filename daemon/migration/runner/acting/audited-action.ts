/** An action of a migration in the audit log, whose every rejection says whether something was done. */
import { BridgeError } from '../../../bridge-error.js'
import type { AuditLog } from '../../../store/audit-log.js'
import { type AuditedUse, audited } from '../../../store/audited.js'

/** What was done and could not be recorded as done is not done again on a guess. */
export async function auditedAction<T>(audit: AuditLog, use: AuditedUse, work: () => Promise<T>): Promise<T> {
  let isDone = false
  try {
    return await audited(audit, use, async () => {
      const result = await work()
      isDone = true
      return result
    })
  } catch (error) {
    if (!isDone) throw error
    const { node } = use.facts
    throw new BridgeError(
      'NODE_OUTCOME_UNKNOWN',
      'It was done, and the audit log did not take that.',
      typeof node === 'string' ? { node } : {},
    )
  }
}
