import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { findP11Kit, withoutDoubles } from '../../drivers/known-modules.js'
import { configuredModules } from '../../drivers/p11-kit-configuration.js'

/** Two folders of configuration, the package's and the administrator's, and one of libraries. */
async function folders(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-p11-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const made = { packages: join(folder, 'share'), own: join(folder, 'etc'), libraries: join(folder, 'lib') }
  for (const path of Object.values(made)) await mkdir(path)
  for (const name of ['a.so', 'b.so']) await writeFile(join(made.libraries, name), '')
  return {
    ...made,
    library: (name: string) => join(made.libraries, name),
    found: () => configuredModules([made.packages, made.own], [made.libraries]),
  }
}

test('A library is named by its full path or found among those of p11-kit', async (t) => {
  const { packages, library, found } = await folders(t)
  await writeFile(join(packages, 'one.module'), '# a comment\n\nmodule: a.so\n')
  await writeFile(join(packages, 'two.module'), `  module:${library('b.so')}  \ncritical: no\n`)
  t.deepEqual(found(), [
    { name: 'one', path: library('a.so') },
    { name: 'two', path: library('b.so') },
  ])
})

test('The administrator’s file replaces the package’s of the same name', async (t) => {
  const { packages, own, library, found } = await folders(t)
  await writeFile(join(packages, 'one.module'), 'module: a.so\n')
  await writeFile(join(own, 'one.module'), 'module: b.so\n')
  t.deepEqual(found(), [{ name: 'one', path: library('b.so') }])
})

for (const [why, text] of [
  ['is meant for other programs', 'module: a.so\nenable-in: firefox\n'],
  ['is not meant for this program', 'module: a.so\ndisable-in: firefox, ctl-bridge\n'],
  ['holds trusted certificates', 'module: a.so\ntrust-policy: yes\n'],
  ['is a command', 'remote: |ssh somewhere p11-kit remote a.so\nmodule: a.so\n'],
  ['does not exist', 'module: c.so\n'],
  ['is not named', 'critical: yes\n'],
] as const) {
  test(`A library that ${why} is passed over`, async (t) => {
    const { packages, found } = await folders(t)
    await writeFile(join(packages, 'one.module'), text)
    t.deepEqual(found(), [])
  })
}

test('Files that are no configuration, and folders that do not exist, harm nothing', async (t) => {
  const { packages, library, found } = await folders(t)
  await writeFile(join(packages, 'one.module'), Buffer.from([0, 255, 10, 58, 58]))
  await writeFile(join(packages, 'two.module~'), 'module: a.so\n')
  await mkdir(join(packages, 'three.module'))
  await writeFile(join(packages, 'Four_X.module'), 'module: a.so\nenable-in: firefox ctl-bridge\n')
  t.deepEqual(found(), [{ name: 'four-x', path: library('a.so') }])
  t.deepEqual(configuredModules([join(packages, 'missing')], []), [])
})

test('One library under two names is taken once, and no name is given twice', async (t) => {
  const { library } = await folders(t)
  const found = withoutDoubles([
    { name: 'one', path: library('a.so') },
    { name: 'again', path: join(library('.'), '..', 'lib', 'a.so') },
    { name: 'one', path: library('b.so') },
  ])
  t.deepEqual(found, [
    { name: 'one', path: library('a.so') },
    { name: 'one-2', path: library('b.so') },
  ])
})

test('p11-kit is found in a folder of its own, or said to be missing', async (t) => {
  const { packages } = await folders(t)
  const program = join(packages, 'usr/libexec/p11-kit/p11-kit-remote')
  const client = join(packages, 'usr/lib64/pkcs11/p11-kit-client.so')
  for (const path of [program, client]) {
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(path, '')
  }
  t.deepEqual(findP11Kit([packages]), { remote: program, client })
  await rm(client)
  t.deepEqual(findP11Kit([packages]), { missing: 'p11-kit-client.so' })
  await rm(program)
  t.deepEqual(findP11Kit([packages]), { missing: 'the remote process' })
})
