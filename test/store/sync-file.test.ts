import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { replaceFile } from '../../daemon/store/sync-file.js'

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
