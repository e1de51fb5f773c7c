import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { readSecret } from '../../../daemon/cluster/configuration/read-secret.js'
import { publishToSftp } from '../../../daemon/cluster/publishing/publish-to-sftp.js'
import { compiledFrom, compileOnce } from '../../drivers/compile-c.js'
import { compileLibrary } from '../../drivers/forwarding-module.js'
import type { SshServerOptions } from '../ssh-server.js'
import { cutAfter } from './cutting-proxy.js'
import { namesIn, sftpTo, temporaryRoot } from './targets.js'

const FILE = 'CTLFile.tlv'
const OLD = Buffer.from('old')
const NEW = randomBytes(900_000)

async function oldFile(t: ExecutionContext) {
  const folder = await temporaryRoot(t)
  const path = join(folder, FILE)
  await writeFile(path, OLD)
  return { folder, path }
}

async function refused(
  t: ExecutionContext,
  options: SshServerOptions,
  expected: { readonly code: string; readonly message: RegExp },
): Promise<void> {
  const { folder, path } = await oldFile(t)
  const { publisher } = await sftpTo(t, folder, options)
  const error = await t.throwsAsync(publisher.write(FILE, NEW, { before: OLD }), expected)
  t.like(error, { place: { node: 'tftp1', file: path } })
  t.true(OLD.equals(await readFile(path)))
  t.deepEqual(await namesIn(folder), [FILE])
}

test('a host that takes no file leaves the old one', (t) =>
  refused(t, { sftp: (server) => `${server} -R` }, { code: 'PUBLISH_FAILED', message: /right to write/ }))

test('a limit on the host leaves the old file and no part of the new one', (t) =>
  refused(
    t,
    { sftp: (server) => `prlimit --fsize=100000:100000 ${server}` },
    { code: 'PUBLISH_FAILED', message: /quota, a limit or the disk/ },
  ))

test('a host that cannot rename over a file says so, and nothing is deleted first', async (t) => {
  const sftp = (server: string) => `${server} -P posix-rename`
  await refused(t, { sftp }, { code: 'PUBLISH_FAILED', message: /no posix-rename@openssh.com/ })
  const folder = await temporaryRoot(t)
  const { publisher } = await sftpTo(t, folder, { sftp })
  await publisher.write(FILE, NEW, { before: undefined })
  t.true(NEW.equals(await readFile(join(folder, FILE))), 'where none was, it can')
})

const unshare = process.getuid?.() === 0 ? 'unshare -m' : 'unshare -rm'
const hasMounts = spawnSync('sh', ['-c', `${unshare} mount -t tmpfs tmpfs /mnt`]).status === 0
const onFullDisk = hasMounts ? test : test.skip

onFullDisk(
  `a full disk is told as such${hasMounts ? '' : ' (not tried: no mounts of our own here)'}`,
  async (t) => {
    const folder = await temporaryRoot(t)
    const mount = `mount -t tmpfs -o size=64k tmpfs ${folder}`
    const { publisher } = await sftpTo(t, folder, {
      sftp: (server) => `${unshare} sh -c "${mount} && exec ${server}"`,
    })
    await t.throwsAsync(publisher.write(FILE, NEW, { before: undefined }), {
      code: 'PUBLISH_FAILED',
      message: /disk of the host is full/,
    })
  },
)

for (const takesMore of [true, false]) {
  test(`a line that breaks in the middle leaves the old file${takesMore ? ', and no part' : ''}`, async (t) => {
    const { folder, path } = await oldFile(t)
    const { target } = await sftpTo(t, folder)
    const proxy = await cutAfter(target.port, 300_000, takesMore)
    t.teardown(proxy.close)
    const publisher = publishToSftp({ ...target, port: proxy.port })
    await t.throwsAsync(publisher.write(FILE, NEW, { before: OLD }), {
      code: 'PUBLISH_FAILED',
      message: /ended in the middle/,
    })
    t.true(OLD.equals(await readFile(path)))
    t.is(proxy.connections(), 2, 'a second one takes the part away')
    if (takesMore) t.deepEqual(await namesIn(folder), [FILE])
  })
}

async function dying(when: 'before' | 'after'): Promise<SshServerOptions> {
  const library = await compileOnce(
    compiledFrom(['cluster/publishing/rename-and-die.c'], 'cluster/publishing/rename-and-die.so'),
    compileLibrary,
  )
  // posix-rename@openssh.com is rename(2) there.
  return { sftp: (server) => `env LD_PRELOAD='${library}' RENAME_AND_DIE=${when} ${server}` }
}

test('a host that ends before it renamed has the old file, and that is known', async (t) => {
  const { folder, path } = await oldFile(t)
  const { publisher } = await sftpTo(t, folder, await dying('before'))
  await t.throwsAsync(publisher.write(FILE, NEW, { before: OLD }), { code: 'PUBLISH_FAILED' })
  t.true(OLD.equals(await readFile(path)))
  t.deepEqual(await namesIn(folder), [FILE])
})

test('a host that ends after it renamed has the new file, and that is known', async (t) => {
  const { folder, path } = await oldFile(t)
  const { publisher } = await sftpTo(t, folder, await dying('after'))
  await publisher.write(FILE, NEW, { before: OLD })
  t.true(NEW.equals(await readFile(path)))
  t.deepEqual(await namesIn(folder), [FILE])
})

test('a host that ends in the rename and cannot be asked again: nobody claims to know', async (t) => {
  const { folder } = await oldFile(t)
  const { target } = await sftpTo(t, folder, await dying('after'))
  let logins = 0
  const privateKey = async () => {
    logins += 1
    if (logins > 1) throw new Error('no more')
    return (await target.privateKey?.()) ?? ''
  }
  const publisher = publishToSftp({ ...target, privateKey })
  await t.throwsAsync(publisher.write(FILE, NEW, { before: OLD }), { code: 'NODE_OUTCOME_UNKNOWN' })
})

test('a host that says nothing is left at the deadline, and one without SFTP at once', async (t) => {
  const { folder } = await oldFile(t)
  const silent = await sftpTo(
    t,
    folder,
    { sftp: () => 'cat >/dev/null' },
    {},
    { login: 20_000, deadline: 500 },
  )
  await t.throwsAsync(silent.publisher.read(FILE), { code: 'NODE_TIMEOUT', message: /0.5 s/ })
  const without = await sftpTo(t, folder, { sftp: () => 'false' })
  await t.throwsAsync(without.publisher.read(FILE), { code: 'NODE_ANSWER_WRONG', message: /no SFTP/ })
})

test('another host key than the pinned one gets no key and no password', async (t) => {
  const { folder } = await oldFile(t)
  let asked = 0
  const secret = async () => {
    asked += 1
    return 'x'
  }
  const changes = { hostKey: `SHA256:${'A'.repeat(43)}`, privateKey: secret, password: secret }
  const { publisher } = await sftpTo(t, folder, {}, changes)
  await t.throwsAsync(publisher.read(FILE), { code: 'NODE_HOST_KEY_UNKNOWN' })
  t.is(asked, 0)
})

test('a password from a file lets in; a wrong one is tried once and shown nowhere', async (t) => {
  const { folder, path } = await oldFile(t)
  const file = join(folder, 'secret')
  await writeFile(file, 'correct horse\n', { mode: 0o600 })
  const password = () => readSecret({ file }, {})
  const changes = { privateKey: undefined, password }
  const { publisher } = await sftpTo(t, folder, { password: 'correct horse' }, changes)
  await publisher.write(FILE, NEW, { before: OLD })
  t.true(NEW.equals(await readFile(path)))
  await writeFile(file, 'hunter2\n')
  const error = await t.throwsAsync(publisher.read(FILE), { code: 'NODE_LOGIN_REFUSED' })
  t.false(`${error?.stack}${JSON.stringify(error)}`.includes('hunter2'))
  await chmod(file, 0o644)
  await t.throwsAsync(publisher.read(FILE), { code: 'SECRET_UNREADABLE' })
})
