import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { AuditHistory, AuditLog } from '../../daemon/store/audit-log.js'
import { auditTable } from '../../daemon/store/audit-table.js'
import { openDatabase, type StoreDatabase, storeFile } from '../../daemon/store/database.js'
import { lastFormerSequence } from '../../daemon/store/former-audit.js'
import { withFullDisk } from '../flow/full-disk.js'
import { anEntry } from './an-entry.js'
import { NOW, now, temporaryFolder } from './temporary-store.js'

interface OpenAudit {
  readonly store: StoreDatabase
  readonly audit: AuditLog & AuditHistory
}

async function openAudit(t: ExecutionContext, folder: string): Promise<OpenAudit> {
  const store = await openDatabase(storeFile(folder))
  t.teardown(() => store.close())
  return { store, audit: auditTable(store, now, await lastFormerSequence(folder)) }
}

const fresh = async (t: ExecutionContext): Promise<OpenAudit> => openAudit(t, await temporaryFolder(t))

async function sequences(audit: AuditHistory, after: number | undefined, limit: number): Promise<number[]> {
  return (await audit.entries(after, limit)).map(({ sequence }) => sequence)
}

test('An entry comes back as it was written, with its number and time', async (t) => {
  const { audit } = await fresh(t)
  const intent = anEntry()
  const outcome = anEntry({ phase: 'outcome', outcome: 'PIN_WRONG' })
  await audit.append(intent)
  await audit.append(outcome)
  const at = NOW.toISOString()
  t.deepEqual(await audit.entries(0, 10), [
    { sequence: 1, at, ...intent },
    { sequence: 2, at, ...outcome },
  ])
})

test('Entries are numbered in the order of the calls, and go on after a restart', async (t) => {
  const folder = await temporaryFolder(t)
  const first = await openAudit(t, folder)
  await Promise.all(['a', 'b', 'c'].map((requestId) => first.audit.append(anEntry({ requestId }))))
  await first.store.close()
  const { audit } = await openAudit(t, folder)
  await audit.append(anEntry({ requestId: 'd' }))
  t.deepEqual(
    (await audit.entries(0, 10)).map(({ sequence, requestId }) => `${sequence}${requestId}`),
    ['1a', '2b', '3c', '4d'],
  )
})

test('A page begins after a number; without one it is the end of the log', async (t) => {
  const { audit } = await fresh(t)
  for (let entry = 0; entry < 5; entry++) await audit.append(anEntry())
  t.deepEqual(await sequences(audit, 0, 2), [1, 2])
  t.deepEqual(await sequences(audit, 2, 2), [3, 4])
  t.deepEqual(await sequences(audit, 5, 2), [])
  t.deepEqual(await sequences(audit, undefined, 2), [4, 5])
})

test('The file of 0.1.0 stays as it was, and the log numbers on after it', async (t) => {
  const folder = await temporaryFolder(t)
  const line = (sequence: number) => JSON.stringify({ at: NOW.toISOString(), sequence, ...anEntry() })
  const former = `${line(1)}\n${line(2)}\n{"at":"2026-01-02T03:0`
  await writeFile(join(folder, 'audit.jsonl'), former)
  const { audit } = await openAudit(t, folder)
  await audit.append(anEntry())
  await audit.append(anEntry())
  t.deepEqual(await sequences(audit, 0, 10), [3, 4])
  t.is(await readFile(join(folder, 'audit.jsonl'), 'utf8'), former)
})

test.serial('A full disk refuses an entry, and the one after it is whole and next in number', async (t) => {
  const { audit } = await fresh(t)
  await audit.append(anEntry())
  await withFullDisk(process.pid, async () => {
    const error = await t.throwsAsync(audit.append(anEntry()), { code: 'AUDIT_NOT_WRITABLE' })
    t.regex(error?.message ?? '', /SQLITE_/)
    t.deepEqual(await sequences(audit, 0, 10), [1])
  })
  await audit.append(anEntry())
  t.deepEqual(await sequences(audit, 0, 10), [1, 2])
})
