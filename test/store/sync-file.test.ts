import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { replaceFile, tryReplaceFile } from '../../daemon/store/sync-file.js'

test('a file is replaced whole, with its mode, and nothing else is left', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-file-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'file')
  await writeFile(path, 'old')
  await replaceFile(path, Buffer.from('new'), 0o600)
  t.is(await readFile(path, 'utf8'), 'new')
  t.is((await stat(path)).mode & 0o777, 0o600)
  t.deepEqual(await readdir(folder), ['file'])
})

test('a failure leaves what was there and no temporary file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-file-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'taken'))
  await t.throwsAsync(replaceFile(join(folder, 'taken'), Buffer.from('new'), 0o600))
  t.deepEqual(await readdir(folder), ['taken'])
})

test('a trial says what replacing would, and leaves nothing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-file-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'file'), 'old')
  await symlink('file', join(folder, 'link'))
  await symlink('none', join(folder, 'dangling'))
  await tryReplaceFile(join(folder, 'file'), 100)
  await tryReplaceFile(join(folder, 'x'.repeat(255)), 100)
  for (const name of ['link', 'dangling', '.', 'none/file', 'x'.repeat(256)]) {
    await t.throwsAsync(tryReplaceFile(join(folder, name), 100), undefined, name)
  }
  await t.throwsAsync(tryReplaceFile('/dev/null', 100))
  t.is(await readFile(join(folder, 'file'), 'utf8'), 'old')
  t.deepEqual((await readdir(folder)).sort(), ['dangling', 'file', 'link'])
})

test('a reader sees the old file or the new one, never a part', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-file-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'file')
  await writeFile(path, 'a'.repeat(1_000_000))
  const held = await open(path, 'r')
  await replaceFile(path, Buffer.from('b'.repeat(500_000)), 0o600)
  t.regex(await held.readFile('utf8'), /^a{1000000}$/)
  await held.close()
  t.regex(await readFile(path, 'utf8'), /^b{500000}$/)
})
