import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { readSecret, readWholeSecret } from '../../../daemon/cluster/configuration/read-secret.js'

async function folderOf(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-secret-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('the first line is a password, all of it a key', async (t) => {
  const file = join(await folderOf(t), 'secret')
  for (const [text, first] of [
    ['pass word \n', 'pass word '],
    ['pässword', 'pässword'],
    ['one\r\ntwo\r\n', 'one'],
  ] as const) {
    await writeFile(file, text, { mode: 0o600 })
    t.is(await readSecret({ file }, {}), first)
    t.is(await readWholeSecret({ file }, {}), text)
  }
})

test('what others may read is no secret; the error says the remedy and not the content', async (t) => {
  const file = join(await folderOf(t), 'secret')
  await writeFile(file, 'hunter2\n', { mode: 0o600 })
  for (const mode of [0o640, 0o604, 0o644, 0o610]) {
    await chmod(file, mode)
    const error = await t.throwsAsync(readSecret({ file }, {}), { code: 'SECRET_UNREADABLE' })
    t.true(error?.message.includes(`chmod 600 ${file}`), error?.message)
    t.false(`${error?.stack}${JSON.stringify(error)}`.includes('hunter2'))
  }
  await chmod(file, 0o400)
  t.is(await readSecret({ file }, {}), 'hunter2')
})

test('a credential of systemd is read from its folder, whatever its mode', async (t) => {
  const folder = await folderOf(t)
  await writeFile(join(folder, 'berlin'), 'hunter2\n', { mode: 0o440 })
  const env = { CREDENTIALS_DIRECTORY: folder }
  t.is(await readSecret({ credential: 'berlin' }, env), 'hunter2')
  await t.throwsAsync(readSecret({ credential: 'bonn' }, env), {
    code: 'SECRET_UNREADABLE',
    message: /ENOENT/,
  })
  await t.throwsAsync(readSecret({ credential: 'berlin' }, {}), {
    code: 'SECRET_UNREADABLE',
    message: /LoadCredential=berlin/,
  })
})

test('what is missing, empty, too long or no file is refused, and a pipe is not waited for', async (t) => {
  const folder = await folderOf(t)
  const path = (name: string) => join(folder, name)
  await writeFile(path('empty'), '\nsecond\n', { mode: 0o600 })
  await writeFile(path('long'), 'x'.repeat(65_537), { mode: 0o600 })
  execFileSync('mkfifo', ['-m', '600', path('pipe')])
  await chmod(folder, 0o700)
  for (const name of ['none', 'empty', 'long', 'pipe', '.']) {
    const error = await t.throwsAsync(
      readSecret({ file: path(name) }, {}),
      { code: 'SECRET_UNREADABLE' },
      name,
    )
    t.like(error, { place: { file: path(name) } })
  }
})
