import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { openApiKeys, replaceFirstKey } from '../../daemon/store/api-keys.js'
import { firstKeyFile } from '../../daemon/store/first-key-file.js'
import { prepareStateFolder } from '../../daemon/store/state-folder.js'

const now = () => new Date('2026-01-02T03:04:05Z')

async function folderFor(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-keys-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('the first key is made once, opens everything, and is readable by its owner alone', async (t) => {
  const folder = await folderFor(t)
  const keys = await openApiKeys(folder, now)
  const key = (await readFile(firstKeyFile(folder), 'utf8')).trim()
  t.regex(key, /^ctlb_[0-9a-f]{8}_[\w-]{43}$/)
  const owner = await keys.find(key)
  t.deepEqual(owner, {
    keyId: key.slice(5, 13),
    name: 'first',
    scopes: ['read', 'sign', 'operate', 'admin'],
  })
  t.is(await keys.find(`${key}x`), undefined)
  t.is(await keys.find(key.slice(5)), undefined)
  for (const name of ['first-key', 'keys.json']) t.is((await stat(join(folder, name))).mode & 0o777, 0o600)
  await openApiKeys(folder, now)
  t.is((await readFile(firstKeyFile(folder), 'utf8')).trim(), key)
})

test('a replaced key ends at once, and other keys stay', async (t) => {
  const folder = await folderFor(t)
  const keys = await openApiKeys(folder, now)
  const path = join(folder, 'keys.json')
  const table = JSON.parse(await readFile(path, 'utf8'))
  const former = (await readFile(firstKeyFile(folder), 'utf8')).trim()
  table.keys.push({ ...table.keys[0], id: 'other', name: 'other', scopes: ['read'], sha256: '0'.repeat(64) })
  await writeFile(path, JSON.stringify(table))
  const made = await replaceFirstKey(folder, now)
  t.is(await keys.find(former), undefined)
  t.is((await keys.find(made))?.name, 'first')
  t.deepEqual(
    JSON.parse(await readFile(path, 'utf8')).keys.map((key: { name: string }) => key.name),
    ['first', 'other'],
  )
})

test('a damaged file of keys opens nothing and is named', async (t) => {
  const folder = await folderFor(t)
  const path = join(folder, 'keys.json')
  const keys = await openApiKeys(folder, now)
  const whole = await readFile(path, 'utf8')
  const key = (await readFile(firstKeyFile(folder), 'utf8')).trim()
  const damages = [
    '',
    '{',
    'null',
    '{"version":2,"keys":[]}',
    whole.slice(0, 100),
    whole.replace(/"sha256": "[^"]*"/, '"sha256": "00"'),
    whole.replace('"sign"', '"everything"'),
  ]
  for (const text of damages) {
    await writeFile(path, text)
    const error = await t.throwsAsync(keys.find(key), { code: 'STATE_UNUSABLE' }, text)
    t.deepEqual((error as unknown as { place: unknown }).place, { file: path })
    await t.throwsAsync(openApiKeys(folder, now), { code: 'STATE_UNUSABLE' }, text)
  }
  await rm(path)
  await t.throwsAsync(keys.find(key), { code: 'STATE_UNUSABLE' })
  await writeFile(path, whole)
  t.is((await keys.find(key))?.name, 'first')
})

test('a state folder is made with mode 0700', async (t) => {
  const folder = join(await folderFor(t), 'deep', 'state')
  await prepareStateFolder(folder)
  t.is((await stat(folder)).mode & 0o777, 0o700)
})

test('a state folder that others may write to, that is a file, or a link to nothing is refused', async (t) => {
  const folder = await folderFor(t)
  for (const mode of [0o770, 0o702, 0o777]) {
    await chmod(folder, mode)
    await t.throwsAsync(prepareStateFolder(folder), { code: 'STATE_UNUSABLE' })
  }
  await chmod(folder, 0o700)
  await writeFile(join(folder, 'file'), '')
  await t.throwsAsync(prepareStateFolder(join(folder, 'file')), { code: 'STATE_UNUSABLE' })
  await symlink(join(folder, 'none'), join(folder, 'link'))
  await t.throwsAsync(prepareStateFolder(join(folder, 'link')), { code: 'STATE_UNUSABLE' })
})

const isRoot = process.getuid?.() === 0
const whyNot = isRoot ? '' : ' (skipped: only root can make a folder of another user)'
;(isRoot ? test : test.skip)(
  `a state folder of another user is refused, for root as well${whyNot}`,
  async (t) => {
    const folder = join(await folderFor(t), 'theirs')
    await mkdir(folder, { mode: 0o700 })
    await chown(folder, 12345, 12345)
    await t.throwsAsync(prepareStateFolder(folder), { code: 'STATE_UNUSABLE' })
  },
)
