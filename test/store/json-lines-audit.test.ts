import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { NewAuditEntry } from '../../daemon/store/audit-log.js'
import { openJsonLinesAudit } from '../../daemon/store/json-lines-audit.js'

const entry: NewAuditEntry = {
  principal: { keyId: 'k', name: 'n' },
  requestId: 'r',
  action: 'ctl.sign',
  phase: 'intent',
  facts: { token: 't' },
}
const now = () => new Date('2026-01-02T03:04:05Z')

const fresh = test.macro(
  async (t, use: (t: import('ava').ExecutionContext, path: string) => Promise<void>) => {
    const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-audit-'))
    try {
      await use(t, join(folder, 'audit.jsonl'))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
)

const linesOf = async (path: string) => (await readFile(path, 'utf8')).trimEnd().split('\n')

test(
  'entries are whole lines in the order of the calls, numbered, in a file of mode 0600',
  fresh,
  async (t, path) => {
    const audit = await openJsonLinesAudit(path, now)
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => audit.append({ ...entry, requestId: String(index) })),
    )
    const lines = (await linesOf(path)).map((line) => JSON.parse(line))
    t.deepEqual(
      lines.map((line) => [line.sequence, line.requestId]),
      Array.from({ length: 20 }, (_, index) => [index + 1, String(index)]),
    )
    t.is(lines[0].at, '2026-01-02T03:04:05.000Z')
    t.is((await stat(path)).mode & 0o777, 0o600)
  },
)

test('numbering goes on after a restart', fresh, async (t, path) => {
  await (await openJsonLinesAudit(path, now)).append(entry)
  await (await openJsonLinesAudit(path, now)).append(entry)
  t.deepEqual(
    (await linesOf(path)).map((line) => JSON.parse(line).sequence),
    [1, 2],
  )
})

test('a line cut by a power failure does not swallow the next entry', fresh, async (t, path) => {
  await (await openJsonLinesAudit(path, now)).append(entry)
  const whole = await readFile(path, 'utf8')
  await writeFile(path, whole + whole.slice(0, 30))
  await (await openJsonLinesAudit(path, now)).append({ ...entry, requestId: 'after' })
  const lines = await linesOf(path)
  t.is(lines.length, 3)
  t.like(JSON.parse(lines[2] ?? ''), { requestId: 'after' })
})

test('a full disk rejects, and the entry after it is a whole line', fresh, async (t, path) => {
  const audit = await openJsonLinesAudit(path, now)
  await rm(path)
  await symlink('/dev/full', path)
  await t.throwsAsync(audit.append(entry), { code: 'AUDIT_NOT_WRITABLE' })
  await rm(path)
  await audit.append(entry)
  t.is(JSON.parse((await linesOf(path)).at(-1) ?? '').sequence, 1)
})

test('a place that is no file is refused at the start', fresh, async (t, path) => {
  await t.throwsAsync(openJsonLinesAudit(join(path, 'none'), now), { code: 'AUDIT_NOT_WRITABLE' })
})
