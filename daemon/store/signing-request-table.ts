/** The signing requests in the store. */
import type Database from 'better-sqlite3'
import { type StoreDatabase, unusable } from './database.js'
import type { KeptRequest, SigningRequests } from './signing-requests.js'

interface Row {
  readonly id: string
  readonly text: string
  readonly at: string
  readonly key_id: string
  readonly key_name: string
  readonly state: KeptRequest['state']
  readonly answer: string | null
  readonly answered_at: string | null
  readonly answered_key_id: string | null
  readonly answered_key_name: string | null
  readonly file: Buffer | null
}

const ADD = `
  INSERT INTO signing_requests (id, position, text, at, key_id, key_name, state)
  VALUES (?, (SELECT coalesce(max(position), 0) + 1 FROM signing_requests), ?, ?, ?, ?, 'open')
  ON CONFLICT (id) DO NOTHING`
const ANSWER = `
  UPDATE signing_requests
  SET state = 'signed', answer = ?, answered_at = ?, answered_key_id = ?, answered_key_name = ?, file = ?
  WHERE id = ? AND state = 'open'`

export function signingRequestTable(store: StoreDatabase, now: () => Date): SigningRequests {
  const transact = <T>(work: (database: Database.Database) => T): Promise<T> =>
    store.transact(work).catch((error: unknown) => {
      throw unusable(store.path, error)
    })
  const at = (): string => now().toISOString()
  return {
    add: ({ id, text, principal }) =>
      transact((database) => {
        database.prepare(ADD).run(id, text, at(), principal.keyId, principal.name)
      }),
    get: (id) =>
      transact((database) => {
        const row = database.prepare<[string], Row>('SELECT * FROM signing_requests WHERE id = ?').get(id)
        return row && toRequest(row)
      }),
    latest: (limit) =>
      transact((database) =>
        database
          .prepare<[number], Row>('SELECT * FROM signing_requests ORDER BY position DESC LIMIT ?')
          .all(limit)
          .map(toRequest),
      ),
    answer: (id, { principal, text, file }) =>
      transact((database) => {
        const who = [principal.keyId, principal.name]
        return database.prepare(ANSWER).run(text, at(), ...who, Buffer.from(file), id).changes === 1
      }),
  }
}

function toRequest(row: Row): KeptRequest {
  const { id, text, at, state, file } = row
  const request = { id, text, at, state, principal: { keyId: row.key_id, name: row.key_name } }
  if (file === null) return request
  return {
    ...request,
    answered: {
      at: row.answered_at ?? '',
      principal: { keyId: row.answered_key_id ?? '', name: row.answered_key_name ?? '' },
      text: row.answer ?? '',
      file: new Uint8Array(file),
    },
  }
}
