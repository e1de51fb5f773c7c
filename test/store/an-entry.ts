import type { NewAuditEntry } from '../../daemon/store/audit-log.js'

export function anEntry(changes: Partial<NewAuditEntry> = {}): NewAuditEntry {
  return {
    principal: { keyId: 'k', name: 'n' },
    requestId: 'r',
    action: 'ctl.sign',
    phase: 'intent',
    facts: { token: 't', bytes: 5560, finalTry: false },
    ...changes,
  }
}
