import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { openDatabase, type StoreDatabase, storeFile } from '../../daemon/store/database.js'
import { pinAttemptTable } from '../../daemon/store/pin-attempt-table.js'
import type { PinAttempts } from '../../daemon/store/pin-attempts.js'
import type { TokenMemory } from '../../daemon/store/token-memory.js'
import { tokenTable } from '../../daemon/store/token-table.js'
import { PinGuard } from '../../daemon/tokens/pin-guard.js'

export const NOW = new Date('2026-01-02T03:04:05Z')
export const now = (): Date => NOW

/** A state folder that goes away with the test. */
export async function temporaryFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-store-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export interface OpenStore {
  readonly store: StoreDatabase
  readonly memory: TokenMemory
  readonly attempts: PinAttempts
  readonly interrupted: number
  readonly guard: PinGuard
}

/** The store of a folder with everything that stands on it. Fingerprints cost nothing here. */
export async function openStore(folder: string): Promise<OpenStore> {
  const store = await openDatabase(storeFile(folder))
  const { attempts, interrupted } = await pinAttemptTable(store, now)
  return {
    store,
    memory: tokenTable(store, now),
    attempts,
    interrupted,
    guard: new PinGuard({ attempts, fingerprint }),
  }
}

/** The store of a folder of its own, closed after the test. */
export async function temporaryStore(t: ExecutionContext): Promise<OpenStore> {
  const open = await openStore(await temporaryFolder(t))
  t.teardown(() => open.store.close())
  return open
}

export async function fingerprint(serial: string, pin: string): Promise<Uint8Array> {
  return createHash('sha256').update(`${serial} ${pin}`).digest()
}
