import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')

/** What is loaded with a file: its static imports, and theirs. Types are gone when it runs. */
function loadedWith(files: readonly string[]): Set<string> {
  const loaded = new Set<string>()
  const load = (file: string): void => {
    if (loaded.has(file)) return
    loaded.add(file)
    if (!file.endsWith('.ts')) return
    const text = readFileSync(join(root, file), 'utf8')
    const statements = text.matchAll(
      /^(?:import|export)\s+(?!type\s)[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm,
    )
    for (const [statement, from, bare] of statements) {
      const onlyTypes = /^import \{(?:\s*type [^,}]+,?)+\s*\}/.test(statement)
      const to = from ?? bare ?? ''
      if (onlyTypes) continue
      load(to.startsWith('.') ? relative(root, resolve(root, dirname(file), to)).replace(/\.js$/, '.ts') : to)
    }
  }
  for (const file of files) load(file)
  return loaded
}

/** What `ctl-bridge show FILE` loads: these, which name each other by `import()`, and what they import. */
const showing = [
  'daemon/cli/main.ts',
  'daemon/cli/parse-arguments.ts',
  'daemon/cli/ctl/run-show.ts',
  'daemon/trust/show/show-ctl-text.ts',
]

test('show loads no package, no network and no other command', (t) => {
  const loaded = [...loadedWith(showing)]
  t.true(loaded.includes('daemon/trust/verify/check-ctl-file.ts'))
  t.deepEqual(
    loaded.filter((name) => !name.startsWith('daemon/') && !name.startsWith('node:')),
    [],
  )
  const allowed = ['node:crypto', 'node:fs', 'node:os', 'node:path', 'node:util']
  t.deepEqual(
    loaded.filter((name) => name.startsWith('node:') && !allowed.includes(name)),
    [],
  )
  t.deepEqual(
    loaded.filter((name) => /^daemon\/(?:cluster|http|store|tokens|signing)\//.test(name)),
    [],
  )
})

test('the walk sees a package where one is loaded', (t) => {
  t.true(loadedWith(['daemon/trust/certificate/issue-certificate.ts']).has('node-forge'))
})

test('the command line of CUCM loads ssh2 only when it connects', (t) => {
  const loaded = loadedWith(['daemon/cluster/cucm-cli/open-cucm-cli.ts'])
  t.true(loaded.has('daemon/cluster/ssh/connect-ssh.ts'))
  t.false(loaded.has('ssh2'))
})
