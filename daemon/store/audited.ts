import type { Caller } from '../principal.js'
import type { AuditLog, NewAuditEntry } from './audit-log.js'

export type AuditedUse = Omit<NewAuditEntry, 'phase' | 'outcome'>

export function auditedUse(
  { principal: { keyId, name }, requestId }: Caller,
  action: NewAuditEntry['action'],
  facts: NewAuditEntry['facts'],
): AuditedUse {
  return { principal: { keyId, name }, requestId, action, facts }
}

/**
 * Writes the intent, does the work, writes the outcome. Rejects with AUDIT_NOT_WRITABLE when the
 * intent cannot be written (nothing was done) or the outcome of a success cannot (it was done). A
 * refusal of the work is what the caller has to know, even when it cannot be recorded.
 */
export async function audited<T>(audit: AuditLog, use: AuditedUse, work: () => Promise<T>): Promise<T> {
  await audit.append({ ...use, phase: 'intent' })
  const done = await work().catch(async (error: unknown) => {
    await audit.append({ ...use, phase: 'outcome', outcome: codeOf(error) }).catch(() => undefined)
    throw error
  })
  await audit.append({ ...use, phase: 'outcome', outcome: 'ok' })
  return done
}

/** The code of an error; never its text. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'INTERNAL'
}
