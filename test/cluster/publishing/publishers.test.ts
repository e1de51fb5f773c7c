/** One contract of both ways: into a folder, and over SFTP through a real sshd. */
import { randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import type { Publisher } from '../../../daemon/cluster/ports.js'
import { publishToDirectory } from '../../../daemon/cluster/publishing/publish-to-directory.js'
import { namesIn, sftpTo, temporaryRoot } from './targets.js'

const ways: Readonly<Record<string, (t: ExecutionContext, folder: string) => Promise<Publisher>>> = {
  directory: async (_, folder) => publishToDirectory({ node: 'tftp1', folder }),
  sftp: async (t, folder) => (await sftpTo(t, folder)).publisher,
}

const FILE = 'CTLFile.tlv'
const OLD = randomBytes(6113)
const NEW = randomBytes(300_000)

for (const [way, open] of Object.entries(ways)) {
  test(`${way}: a file comes where none was, readable by all`, async (t) => {
    const folder = await temporaryRoot(t)
    const publisher = await open(t, folder)
    t.is(await publisher.read(FILE), undefined)
    await publisher.write(FILE, NEW, { before: undefined })
    t.true(NEW.equals(await readFile(join(folder, FILE))))
    t.true(NEW.equals((await publisher.read(FILE)) ?? new Uint8Array()))
    t.is((await stat(join(folder, FILE))).mode & 0o777, 0o644)
    t.deepEqual(await namesIn(folder), [FILE])
  })

  test(`${way}: a file takes the place of another whole, with its mode`, async (t) => {
    const folder = await temporaryRoot(t)
    const publisher = await open(t, folder)
    await writeFile(join(folder, FILE), OLD)
    await chmod(join(folder, FILE), 0o664)
    const before = await stat(join(folder, FILE))
    await publisher.write(FILE, NEW, { before: OLD })
    const after = await stat(join(folder, FILE))
    t.is(after.mode & 0o777, 0o664)
    t.not(after.ino, before.ino, 'renamed, not written into')
    t.true(NEW.equals(await readFile(join(folder, FILE))))
    t.deepEqual(await namesIn(folder), [FILE])
  })

  test(`${way}: what somebody else put there meanwhile is left alone`, async (t) => {
    const folder = await temporaryRoot(t)
    const publisher = await open(t, folder)
    await writeFile(join(folder, FILE), 'somebody else’s')
    for (const before of [OLD, undefined]) {
      const error = await t.throwsAsync(publisher.write(FILE, NEW, { before }), { code: 'PUBLISH_OVERTAKEN' })
      t.like(error, { place: { node: 'tftp1', file: join(folder, FILE) } })
    }
    t.is(await readFile(join(folder, FILE), 'utf8'), 'somebody else’s')
    t.deepEqual(await namesIn(folder), [FILE])
  })

  test(`${way}: the same bytes are written only where that is asked`, async (t) => {
    const folder = await temporaryRoot(t)
    const publisher = await open(t, folder)
    await writeFile(join(folder, FILE), NEW)
    const { ino } = await stat(join(folder, FILE))
    await publisher.write(FILE, NEW, { before: OLD })
    t.is((await stat(join(folder, FILE))).ino, ino)
    await publisher.write(FILE, NEW, { before: NEW, evenIfSame: true })
    t.not((await stat(join(folder, FILE))).ino, ino)
  })

  test(`${way}: a link stays and what it points to is replaced`, async (t) => {
    const folder = await temporaryRoot(t)
    const publisher = await open(t, folder)
    await mkdir(join(folder, 'real'))
    await writeFile(join(folder, 'real', 'ctl'), OLD)
    await symlink('real/ctl', join(folder, FILE))
    await publisher.write(FILE, NEW, { before: OLD })
    t.true((await lstat(join(folder, FILE))).isSymbolicLink())
    t.true(NEW.equals(await readFile(join(folder, 'real', 'ctl'))))
    t.deepEqual(await namesIn(join(folder, 'real')), ['ctl'])
  })

  test(`${way}: a folder that is not there, and a folder in the place of the file, are told`, async (t) => {
    const folder = await temporaryRoot(t)
    const nowhere = await open(t, join(folder, 'not-mounted'))
    const absent = { code: 'PUBLISH_FAILED', message: /folder is not there/ }
    await t.throwsAsync(nowhere.read(FILE), absent)
    await t.throwsAsync(nowhere.write(FILE, NEW, { before: undefined }), absent)
    const publisher = await open(t, folder)
    await mkdir(join(folder, FILE))
    const noFile = { code: 'PUBLISH_FAILED', message: /not a file/ }
    await t.throwsAsync(publisher.read(FILE), noFile)
    await t.throwsAsync(publisher.write(FILE, NEW, { before: undefined }), noFile)
    t.deepEqual(await namesIn(folder), [FILE])
  })

  test(`${way}: what is larger than any CTL is not read`, async (t) => {
    const folder = await temporaryRoot(t)
    await writeFile(join(folder, FILE), new Uint8Array(1024 * 1024 + 1))
    await t.throwsAsync((await open(t, folder)).read(FILE), { code: 'CTL_TOO_LARGE' })
  })
}
