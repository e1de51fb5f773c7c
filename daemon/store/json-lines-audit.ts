/**
 * The audit log as a file: one JSON object per line, synced before `append` resolves.
 * Lines are written one after the other, in the order of the calls. The file is opened for each
 * entry, so a moved or deleted file begins anew and never swallows an entry.
 */
import { open, readFile } from 'node:fs/promises'
import { BridgeError } from '../bridge-error.js'
import type { AuditEntry, AuditLog, NewAuditEntry } from './audit-log.js'

/** Reads the last sequence number of the file, which is made (mode 0600) where it is missing. */
export async function openJsonLinesAudit(path: string, now: () => Date): Promise<AuditLog> {
  let { sequence, cutLine } = await readEnd(path)
  let tail: Promise<unknown> = Promise.resolve()

  const write = async (entry: NewAuditEntry): Promise<void> => {
    const line: AuditEntry = { at: now().toISOString(), sequence: sequence + 1, ...entry }
    // A line cut by a full disk or a power failure must not swallow the entry that follows it.
    const text = `${cutLine ? '\n' : ''}${JSON.stringify(line)}\n`
    cutLine = true
    await appendSynced(path, text)
    cutLine = false
    sequence += 1
  }
  await appendSynced(path, '')
  return {
    append(entry) {
      const done = tail.then(() => write(entry))
      tail = done.catch(() => undefined)
      return done
    },
  }
}

async function appendSynced(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, 'a', 0o600)
    try {
      await file.appendFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw notWritable(path, error)
  }
}

async function readEnd(path: string): Promise<{ sequence: number; cutLine: boolean }> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { sequence: 0, cutLine: false }
    throw notWritable(path, error)
  }
  const numbers = [...text.matchAll(/^\{"at":"[^"]*","sequence":(\d+),/gm)].map((match) => Number(match[1]))
  return { sequence: numbers.at(-1) ?? 0, cutLine: text.length > 0 && !text.endsWith('\n') }
}

function notWritable(path: string, error: unknown): BridgeError {
  const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message
  return new BridgeError('AUDIT_NOT_WRITABLE', `The audit log could not be written (${reason}).`, {
    file: path,
  })
}
