/** The tokens that were seen, in the store. */
import type Database from 'better-sqlite3'
import { z } from 'zod'
import type { TokenCertificate, TokenSnapshot } from '../../drivers/token.js'
import { type StoreDatabase, unusable } from './database.js'
import type { RememberedToken, TokenMemory } from './token-memory.js'

interface TokenRow extends Omit<TokenSnapshot, 'pin' | 'mechanisms' | 'certificates' | 'fault'> {
  readonly module: string
  readonly pin: string
  readonly mechanisms: string
}

interface CertificateRow {
  readonly key_id: string
  readonly label: string
  readonly der: Buffer
}

const pinSchema = z.object({
  set: z.boolean(),
  countLow: z.boolean(),
  finalTry: z.boolean(),
  locked: z.boolean(),
  mustChange: z.boolean(),
  onReader: z.boolean(),
  minLength: z.number(),
  maxLength: z.number(),
})
const mechanismsSchema = z.array(z.string())

const UPSERT = `
  INSERT INTO tokens (serial, label, manufacturer, model, firmware, hardware, slot, module, pin, mechanisms,
    first_seen, last_seen)
  VALUES (@serial, @label, @manufacturer, @model, @firmware, @hardware, @slot, @module, @pin, @mechanisms,
    @at, @at)
  ON CONFLICT (serial) DO UPDATE SET label = @label, manufacturer = @manufacturer, model = @model,
    firmware = @firmware, hardware = @hardware, slot = @slot, module = @module, pin = @pin,
    mechanisms = @mechanisms, last_seen = @at`
const FORGET_CERTIFICATES = 'DELETE FROM token_certificates WHERE serial = ?'
const FORGET = 'DELETE FROM tokens WHERE serial = ?'
const ADD_CERTIFICATE = 'INSERT INTO token_certificates VALUES (?, ?, ?, ?, ?)'
const CERTIFICATES = 'SELECT key_id, label, der FROM token_certificates WHERE serial = ? ORDER BY position'

export function tokenTable(store: StoreDatabase, now: () => Date): TokenMemory {
  const transact = <T>(work: (database: Database.Database) => T): Promise<T> =>
    store.transact(work).catch((error: unknown) => {
      throw unusable(store.path, error)
    })
  return {
    all: () =>
      transact((database) =>
        database
          .prepare<[], TokenRow>('SELECT * FROM tokens ORDER BY serial')
          .all()
          .map((row) => toToken(row, certificatesOf(database, row.serial))),
      ),
    remember: ({ snapshot, module }) =>
      transact((database) => {
        const { pin, mechanisms, certificates, fault: _, ...texts } = snapshot
        const lists = { pin: JSON.stringify(pin), mechanisms: JSON.stringify(mechanisms) }
        database.prepare(UPSERT).run({ ...texts, ...lists, module, at: now().toISOString() })
        database.prepare(FORGET_CERTIFICATES).run(snapshot.serial)
        const add = database.prepare(ADD_CERTIFICATE)
        for (const [position, { keyId, label, der }] of certificates.entries()) {
          add.run(snapshot.serial, position, keyId, label, Buffer.from(der))
        }
      }),
    forget: (serial) =>
      transact((database) => {
        database.prepare(FORGET_CERTIFICATES).run(serial)
        database.prepare(FORGET).run(serial)
      }),
  }
}

function certificatesOf(database: Database.Database, serial: string): TokenCertificate[] {
  const rows = database.prepare<[string], CertificateRow>(CERTIFICATES).all(serial)
  return rows.map(({ key_id, label, der }) => ({ keyId: key_id, label, der: new Uint8Array(der) }))
}

function toToken(row: TokenRow, certificates: readonly TokenCertificate[]): RememberedToken {
  const { serial, label, manufacturer, model, firmware, hardware, slot, module } = row
  const pin = pinSchema.parse(JSON.parse(row.pin))
  const mechanisms = mechanismsSchema.parse(JSON.parse(row.mechanisms))
  const texts = { serial, label, manufacturer, model, firmware, hardware, slot }
  return { snapshot: { ...texts, pin, mechanisms, certificates }, module }
}
