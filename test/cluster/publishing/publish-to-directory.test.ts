import { randomBytes } from 'node:crypto'
import { chmod, chown, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { publishToDirectory } from '../../../daemon/cluster/publishing/publish-to-directory.js'
import { withFullDisk } from '../../flow/full-disk.js'
import { namesIn, temporaryRoot } from './targets.js'

const FILE = 'CTLFile.tlv'
const OLD = Buffer.from('old')
const NEW = randomBytes(5000)
const isRoot = process.getuid?.() === 0

async function oldFile(t: ExecutionContext) {
  const folder = await temporaryRoot(t)
  const path = join(folder, FILE)
  await writeFile(path, OLD)
  return { folder, path, publisher: publishToDirectory({ node: 'tftp1', folder }) }
}

// The limit is the whole process's: nothing else may write meanwhile.
test.serial('a full disk leaves the old file and nothing else', async (t) => {
  const { folder, path, publisher } = await oldFile(t)
  const error = await withFullDisk(process.pid, () =>
    t.throwsAsync(publisher.write(FILE, NEW, { before: OLD }), { code: 'PUBLISH_FAILED', message: /disk/ }),
  )
  t.like(error, { place: { node: 'tftp1', file: path } })
  t.true(OLD.equals(await readFile(path)))
  t.deepEqual(await namesIn(folder), [FILE])
})

test.serial('whatever umask the daemon has, a new file is readable by TFTP servers', async (t) => {
  const { folder, path, publisher } = await oldFile(t)
  const umask = process.umask(0o077)
  t.teardown(() => process.umask(umask))
  await publisher.write('other.bin', NEW, { before: undefined })
  t.is((await stat(join(folder, 'other.bin'))).mode & 0o777, 0o644)
  await chmod(path, 0o604)
  await publisher.write(FILE, NEW, { before: OLD })
  t.is((await stat(path)).mode & 0o777, 0o604)
})

if (isRoot) {
  test('owner and group stay', async (t) => {
    const { path, publisher } = await oldFile(t)
    await chown(path, 65534, 65533)
    await chmod(path, 0o640)
    await publisher.write(FILE, NEW, { before: OLD })
    t.like(await stat(path), { uid: 65534, gid: 65533 })
    t.is((await stat(path)).mode & 0o777, 0o640)
  })
} else {
  test('a folder that may not be written is told with what to do', async (t) => {
    const { folder, path, publisher } = await oldFile(t)
    await chmod(folder, 0o555)
    t.teardown(() => chmod(folder, 0o755))
    await t.throwsAsync(publisher.write(FILE, NEW, { before: OLD }), {
      code: 'PUBLISH_FAILED',
      message: /right to write/,
    })
    t.true(OLD.equals(await readFile(path)))
  })
}

// Also for root: nobody makes a file there.
test('a file system that takes no files is told', async (t) => {
  const publisher = publishToDirectory({ node: 'tftp1', folder: '/proc/self' })
  await t.throwsAsync(publisher.write(FILE, NEW, { before: undefined }), { code: 'PUBLISH_FAILED' })
})
