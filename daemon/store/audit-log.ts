/**
 * The port of the audit log: one entry before a token is used or a cluster is changed, one after. A use case that cannot
 * write its entry does not go on, and lets no signature leave.
 *
 * Adapter: `audit-table.ts`.
 */
export interface AuditEntry {
  /** ISO 8601, UTC, written by the adapter. */
  readonly at: string
  /** Rises by one per entry of this log. */
  readonly sequence: number
  readonly principal: { readonly keyId: string; readonly name: string }
  readonly requestId: string
  readonly action:
    | 'ctl.sign'
    | 'configuration.sign'
    | 'request.make'
    | 'request.sign'
    | 'request.complete'
    | 'token.unlock'
    | 'token.lock'
    | 'token.pin'
    | 'token.provision'
    | 'cluster.publish'
    | 'cluster.probe'
    | 'cluster.restart'
    | 'cluster.command'
  readonly phase: 'intent' | 'outcome'
  /** `ok`, or a problem code. Absent in an intent. */
  readonly outcome?: string
  /** Facts for a reader: token, digests, file name. Never a PIN. */
  readonly facts: Readonly<Record<string, string | number | boolean>>
}

export type NewAuditEntry = Omit<AuditEntry, 'at' | 'sequence'>

export interface AuditLog {
  /** Resolves when the entry is on disk. Rejects with AUDIT_NOT_WRITABLE. */
  append(entry: NewAuditEntry): Promise<void>
}

export interface AuditHistory {
  /**
   * At most `limit` entries in rising order: those after the sequence number `after`, or the last
   * ones when it is undefined.
   */
  entries(after: number | undefined, limit: number): Promise<readonly AuditEntry[]>
}
