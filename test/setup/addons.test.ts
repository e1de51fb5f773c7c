import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { setup } from './setup-modules.js'

const { lookAtAddons } = setup.dependencies
const PROJECT = fileURLToPath(new URL('../../..', import.meta.url))
const SQLITE = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node'

/** What Node reads of an addon of its own kind (node.h, node_module): the version comes first. */
const OTHER_NODE = `
static struct { int version; unsigned flags; void *handle; const char *file; void *init[2]; const char *name;
  void *more[2]; } module = { 127, 0, 0, "other.cc", { 0, 0 }, "other", { 0, 0 } };
void node_module_register(void *module);
__attribute__((constructor)) static void enrol(void) { node_module_register(&module); }
`

/** Not wanted when the compiled part is there. */
const SOURCES = /\/(?:deps|src|obj|obj\.target|\.deps|includes)(?:\/|$)/

/** The addons and what they need, to be broken. */
function copyOfAddons(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'ctl-bridge-addons-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  for (const name of ['pkcs11js', 'better-sqlite3', 'bindings', 'file-uri-to-path']) {
    const path = join('node_modules', name)
    cpSync(join(PROJECT, path), join(folder, path), {
      recursive: true,
      filter: (from) => !SOURCES.test(from),
    })
  }
  return folder
}

test('Addons that load are nothing to speak of', (t) => {
  t.is(lookAtAddons(copyOfAddons(t)), undefined)
})

test('An addon compiled for another Node is named, with both versions', (t) => {
  const folder = copyOfAddons(t)
  const source = join(folder, 'other.c')
  writeFileSync(source, OTHER_NODE)
  execFileSync('cc', ['-shared', '-fPIC', '-o', join(folder, SQLITE), source])
  const complaint = lookAtAddons(folder) ?? ''
  t.regex(complaint, /^better-sqlite3 does not load: .*NODE_MODULE_VERSION 127/)
  t.true(complaint.includes(`NODE_MODULE_VERSION ${process.versions.modules}`), complaint)
  t.false(complaint.includes('\n'))
})

test('An addon that was never compiled is named: npm ran no install scripts', (t) => {
  for (const name of ['pkcs11js', 'better-sqlite3']) {
    const folder = copyOfAddons(t)
    rmSync(join(folder, 'node_modules', name, 'build'), { recursive: true })
    t.regex(lookAtAddons(folder) ?? '', new RegExp(`^${name} does not load: `))
  }
})

test('An addon that takes Node down when it is loaded is told, too', (t) => {
  const folder = copyOfAddons(t)
  const source = join(folder, 'crash.c')
  writeFileSync(source, '__attribute__((constructor)) static void crash(void) { *(volatile int *)0 = 0; }\n')
  execFileSync('cc', ['-shared', '-fPIC', '-o', join(folder, SQLITE), source])
  t.regex(lookAtAddons(folder) ?? '', /ends Node when it is loaded/)
})
