/** The audit log in the store. Rows are only ever added. */
import { BridgeError } from '../bridge-error.js'
import type { AuditEntry, AuditHistory, AuditLog } from './audit-log.js'
import { type StoreDatabase, unusable } from './database.js'

interface Row {
  readonly sequence: number
  readonly at: string
  readonly key_id: string
  readonly key_name: string
  readonly request_id: string
  readonly action: AuditEntry['action']
  readonly phase: AuditEntry['phase']
  readonly outcome: string | null
  readonly facts: string
}

const INSERT = `
  INSERT INTO audit (sequence, at, key_id, key_name, request_id, action, phase, outcome, facts)
  VALUES ((SELECT max(coalesce(max(sequence), 0), ?) FROM audit) + 1, ?, ?, ?, ?, ?, ?, ?, ?)`
const AFTER = 'SELECT * FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?'
const LAST = 'SELECT * FROM (SELECT * FROM audit ORDER BY sequence DESC LIMIT ?) ORDER BY sequence'

/** `former`: the last number of an older log that this one goes on after. */
export function auditTable(store: StoreDatabase, now: () => Date, former: number): AuditLog & AuditHistory {
  return {
    async append({ principal, requestId, action, phase, outcome = null, facts }) {
      const { keyId, name } = principal
      const who = [keyId, name, requestId]
      try {
        await store.transact((database) => {
          const row = [former, now().toISOString(), ...who, action, phase, outcome, JSON.stringify(facts)]
          database.prepare(INSERT).run(...row)
        })
      } catch (error) {
        const code = (error as { code?: string }).code ?? 'unknown reason'
        throw new BridgeError('AUDIT_NOT_WRITABLE', `The audit log could not be written (${code}).`, {
          file: store.path,
        })
      }
    },
    async entries(after, limit) {
      try {
        const rows = await store.transact((database) =>
          after === undefined
            ? database.prepare<[number], Row>(LAST).all(limit)
            : database.prepare<[number, number], Row>(AFTER).all(after, limit),
        )
        return rows.map(toEntry)
      } catch (error) {
        throw unusable(store.path, error)
      }
    },
  }
}

function toEntry({
  sequence,
  at,
  key_id,
  key_name,
  request_id,
  action,
  phase,
  outcome,
  facts,
}: Row): AuditEntry {
  return {
    sequence,
    at,
    principal: { keyId: key_id, name: key_name },
    requestId: request_id,
    action,
    phase,
    ...(outcome !== null && { outcome }),
    facts: JSON.parse(facts) as AuditEntry['facts'],
  }
}
