import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { setup } from './setup-modules.js'

const { dependencyStamp, headerVersion } = setup.dependencies
const { sourcesFingerprint, removeOrphans } = setup.build
const runtime = { abi: '115', platform: 'linux', arch: 'x64' }

/** A folder with empty files, gone after the test. */
function folderOf(t: { teardown(end: () => void): void }, files: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'ctl-bridge-setup-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  for (const file of files) {
    mkdirSync(join(folder, file, '..'), { recursive: true })
    writeFileSync(join(folder, file), '')
  }
  return folder
}

test('Another lock file, another Node ABI and another processor each ask for a new npm ci', (t) => {
  const first = dependencyStamp('a', runtime)
  const stamps = [
    first,
    dependencyStamp('b', runtime),
    dependencyStamp('a', { ...runtime, abi: '127' }),
    dependencyStamp('a', { ...runtime, arch: 'arm64' }),
  ]
  t.is(new Set(stamps).size, 4)
  t.is(dependencyStamp('a', runtime), first)
})

test('The version of the headers is read from node_version.h', (t) => {
  const header =
    '#define NODE_MAJOR_VERSION 20\n#define NODE_MINOR_VERSION 19\n#define NODE_PATCH_VERSION 4\n'
  t.is(headerVersion(header), '20.19.4')
})

test('A build is asked for after a source was added, deleted, changed, or went back in time', (t) => {
  const folder = folderOf(t, ['daemon/a.ts', 'daemon/b.ts', 'test/setup/s.test.ts'])
  const before = sourcesFingerprint(folder)
  t.is(sourcesFingerprint(folder), before)

  rmSync(join(folder, 'daemon/b.ts'))
  const deleted = sourcesFingerprint(folder)
  utimesSync(join(folder, 'daemon/a.ts'), 1_000_000, 1_000_000)
  const older = sourcesFingerprint(folder)
  writeFileSync(join(folder, 'daemon/c.ts'), '')
  const added = sourcesFingerprint(folder)
  writeFileSync(join(folder, 'test/setup/s.test.ts'), 'changed')
  const changed = sourcesFingerprint(folder)
  t.is(new Set([before, deleted, older, added, changed]).size, 5)
})

test('Files that the compiler does not read ask for no build', (t) => {
  const folder = folderOf(t, ['daemon/a.ts'])
  const before = sourcesFingerprint(folder)
  writeFileSync(join(folder, 'README.md'), 'words')
  for (const made of ['dist', 'node_modules']) {
    mkdirSync(join(folder, made))
    writeFileSync(join(folder, made, 'a.d.ts'), '')
  }
  t.is(sourcesFingerprint(folder), before)
})

test('The output of a deleted test goes, and nothing else in dist', (t) => {
  const gone = ['gone.test.js', 'gone.test.js.map', 'gone.test.d.ts']
  const kept = ['here.test.d.ts', 'here.test.js', 'page.js']
  const folder = folderOf(t, [
    'test/setup/here.test.ts',
    ...[...gone, ...kept].map((name) => `dist/test/setup/${name}`),
  ])
  removeOrphans(folder)
  t.deepEqual(readdirSync(join(folder, 'dist/test/setup')).sort(), kept)
})
