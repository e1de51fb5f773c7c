/** The attempts with PINs, in the store. */
import type Database from 'better-sqlite3'
import { type StoreDatabase, unusable } from './database.js'
import type { PinAttempts } from './pin-attempts.js'

const BEGIN = `
  INSERT INTO pin_attempts (serial, fingerprint, at, key_id, key_name, request_id, state)
  VALUES (?, ?, ?, ?, ?, ?, 'attempting')`
const SETTLE = 'UPDATE pin_attempts SET state = ? WHERE id = ?'
/** Runs before the attempt's own fingerprint is dropped. */
const PARDON_PIN = `
  UPDATE pin_attempts SET fingerprint = NULL
  WHERE (serial, fingerprint) = (SELECT serial, fingerprint FROM pin_attempts WHERE id = ?)`
const PARDON_TOKEN = `
  UPDATE pin_attempts SET fingerprint = NULL
  WHERE serial = (SELECT serial FROM pin_attempts WHERE id = ?)`
const DROP_FINGERPRINT = `
  UPDATE pin_attempts SET fingerprint = NULL WHERE id = ? AND state NOT IN ('wrong', 'unknown')`
const HELD = `SELECT count(*) AS attempts, coalesce(sum(state = 'wrong'), 0) AS wrong FROM pin_attempts WHERE serial = ? AND fingerprint = ?`
const COUNT = `
  SELECT serial, count(*) AS tries FROM pin_attempts
  WHERE state IN ('wrong', 'unknown', 'attempting') GROUP BY serial`
const INTERRUPTED = "UPDATE pin_attempts SET state = 'unknown' WHERE state = 'attempting'"

/**
 * Attempts that a daemon which ended left behind become unknown; `interrupted` says how many. Only
 * the process that has the store locked may ask for this table. Rejects with STORE_UNUSABLE.
 */
export async function pinAttemptTable(
  store: StoreDatabase,
  now: () => Date,
): Promise<{ readonly attempts: PinAttempts; readonly interrupted: number }> {
  const transact = <T>(work: (database: Database.Database) => T): Promise<T> =>
    store.transact(work).catch((error: unknown) => {
      throw unusable(store.path, error)
    })
  const interrupted = await transact((database) => database.prepare(INTERRUPTED).run().changes)
  const attempts: PinAttempts = {
    begin: ({ serial, fingerprint, principal: { keyId, name }, requestId }) =>
      transact((database) => {
        const row = [serial, fingerprint ?? null, now().toISOString(), keyId, name, requestId]
        return Number(database.prepare(BEGIN).run(...row).lastInsertRowid)
      }),
    settle: (id, state, amnesty) =>
      transact((database) => {
        if (amnesty === 'this-pin') database.prepare(PARDON_PIN).run(id)
        if (amnesty === 'every-pin') database.prepare(PARDON_TOKEN).run(id)
        database.prepare(SETTLE).run(state, id)
        database.prepare(DROP_FINGERPRINT).run(id)
      }),
    heldAgainst: (serial, fingerprint) =>
      transact((database) => {
        const held = database
          .prepare<[string, Uint8Array], { attempts: number; wrong: number }>(HELD)
          .get(serial, fingerprint)
        if (held === undefined || held.attempts === 0) return undefined
        return held.wrong > 0 ? 'wrong' : 'unknown'
      }),
    wrongTries: () =>
      transact((database) => {
        const rows = database.prepare<[], { serial: string; tries: number }>(COUNT).all()
        return new Map(rows.map(({ serial, tries }) => [serial, tries]))
      }),
  }
  return { attempts, interrupted }
}
