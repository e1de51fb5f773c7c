import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'

/** The house's import rules, read from the sources themselves. */
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8')
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'/gm)
  const bare = text.matchAll(/(?:^import\s+|\bimport\()'([^']+)'/gm)
  return [
    ...[...statements].map(([, type, to = '']) => ({ to, typeOnly: type !== undefined })),
    ...[...bare].map(([, to = '']) => ({ to, typeOnly: false })),
  ].map(({ to, typeOnly }) => ({
    from: file,
    to: to.startsWith('.') ? relative(root, resolve(root, dirname(file), to)).replace(/\.js$/, '.ts') : to,
    typeOnly,
  }))
}

const imports = ['daemon', 'drivers', 'softhsm', 'lab', 'demo', 'bench', 'test']
  .flatMap(sourceFiles)
  .flatMap(importsOf)

/** The layer a file of the daemon belongs to, from the bottom up; a file may import its own layer and lower ones. */
const layers = ['ctl', 'trust', 'store', 'tokens', 'signing', 'cluster', 'migration', 'http']
/** Read by every layer above `trust`: errors, principals, places. They import nothing of the daemon but each other. */
const ground = [
  'bridge-error.ts',
  'principal.ts',
  'problems.ts',
  'problems/',
  'version.ts',
  'place.ts',
  'config.ts',
  'settings-file.ts',
  'setting-line.ts',
]
const isGround = (file: string): boolean =>
  ground.some((name) => (name.endsWith('/') ? file.startsWith(`daemon/${name}`) : file === `daemon/${name}`))

/** The daemon's, and the doctor's, which works without one. */
const roots = ['daemon/main.ts', 'daemon/examine-machine.ts']

const layerOf = (file: string): number => layers.indexOf(file.split('/')[1] ?? '')
const inFolder = (file: string, folder: string): boolean => file.startsWith(`${folder}/`)
const shown = ({ from, to }: Import): string => `${from} → ${to}`

function violations(isWrong: (entry: Import) => boolean): string[] {
  return imports.filter(isWrong).map(shown)
}

test('the table sees the imports of every folder', (t) => {
  for (const folder of [
    'daemon/ctl',
    'daemon/trust',
    'daemon/http',
    'daemon/cli',
    'daemon/cluster',
    'drivers/pkcs11',
    'softhsm',
    'demo',
  ]) {
    t.true(imports.filter(({ from }) => inFolder(from, folder)).length > 2, folder)
  }
})

test('a layer of the daemon imports only layers below it', (t) => {
  const wrong = violations(({ from, to }) => {
    if (!inFolder(from, 'daemon') || !inFolder(to, 'daemon')) return false
    return layerOf(from) >= 0 && layerOf(to) > layerOf(from)
  })
  t.deepEqual(wrong, [])
})

test('no layer imports the composition root or the command', (t) => {
  const wrong = violations(({ from, to }) => {
    const root = to === 'daemon/main.ts' || inFolder(to, 'daemon/cli')
    return root && inFolder(from, 'daemon') && layerOf(from) >= 0
  })
  t.deepEqual(wrong, [])
  t.deepEqual(
    imports
      .filter(({ to, from }) => to === 'daemon/main.ts' && !inFolder(from, 'test'))
      .map(({ from }) => from),
    ['daemon/cli/daemon/run-serve.ts'],
  )
})

test('ctl imports nothing but itself', (t) => {
  t.deepEqual(
    violations(({ from, to }) => inFolder(from, 'daemon/ctl') && !inFolder(to, 'daemon/ctl')),
    [],
  )
})

test('trust imports ctl, node-forge and node:crypto, and no disk, clock, process or network', (t) => {
  const allowed = ['node:crypto', 'node-forge']
  t.deepEqual(
    violations(
      ({ from, to }) =>
        inFolder(from, 'daemon/trust') &&
        !inFolder(to, 'daemon/ctl') &&
        !inFolder(to, 'daemon/trust') &&
        !allowed.includes(to),
    ),
    [],
  )
})

test('drivers never import the daemon, and the daemon never imports softhsm, lab, demo or test', (t) => {
  t.deepEqual(
    violations(({ from, to }) => inFolder(from, 'drivers') && /^(daemon|softhsm|lab|demo|test)\//.test(to)),
    [],
  )
  t.deepEqual(
    violations(({ from, to }) => inFolder(from, 'daemon') && /^(softhsm|lab|demo|test)\//.test(to)),
    [],
  )
})

test('pkcs11js is loaded in the host process only, graphene and its like only where tokens are made', (t) => {
  const importers = (name: string) => [
    ...new Set(imports.filter(({ to, typeOnly }) => to === name && !typeOnly).map(({ from }) => from)),
  ]
  t.true(importers('pkcs11js').every((from) => inFolder(from, 'drivers/pkcs11')))
  t.deepEqual(importers('pkcs11js').length, 1)
  t.true(importers('graphene-pk11').every((from) => inFolder(from, 'softhsm')))
})

test('usb is loaded in its host process only, which may crash', (t) => {
  const importers = imports.filter(({ to, typeOnly }) => to === 'usb' && !typeOnly).map(({ from }) => from)
  t.deepEqual(importers, ['drivers/usb/usb-host.ts'])
})

test('only the composition roots open modules', (t) => {
  const wrong = violations(
    ({ from, to, typeOnly }) =>
      inFolder(from, 'daemon') && inFolder(to, 'drivers/pkcs11') && !typeOnly && !roots.includes(from),
  )
  t.deepEqual(wrong, [])
})

test('the ground of the daemon imports no layer, but for types', (t) => {
  const wrong = violations(
    ({ from, to, typeOnly }) => isGround(from) && layerOf(to) >= 0 && inFolder(to, 'daemon') && !typeOnly,
  )
  t.deepEqual(wrong, [])
})

test('the command reaches tokens through the API alone', (t) => {
  const wrong = violations(
    ({ from, to, typeOnly }) =>
      inFolder(from, 'daemon/cli') && !typeOnly && (inFolder(to, 'daemon/tokens') || inFolder(to, 'drivers')),
  )
  t.deepEqual(wrong, [])
})

// What a node serves is judged as any file is, so cluster stands on trust. Publishing keeps in the store what it
// overwrites, through the store's ports: it knows their types, how audit entries frame a change, and how a file is
// replaced whole.
test('cluster knows files, trust, errors and the ports of the store, and nothing of tokens and signing', (t) => {
  const allowed = (to: string) =>
    !inFolder(to, 'daemon') ||
    inFolder(to, 'daemon/ctl') ||
    inFolder(to, 'daemon/trust') ||
    inFolder(to, 'daemon/cluster')
  const ofStore = ['daemon/store/audited.ts', 'daemon/store/sync-file.ts']
  const ports = ['audit-log', 'published-files', 'publishing-probes'].map((name) => `daemon/store/${name}.ts`)
  const wrong = violations(
    ({ from, to, typeOnly }) =>
      inFolder(from, 'daemon/cluster') &&
      !allowed(to) &&
      !isGround(to) &&
      !ofStore.includes(to) &&
      !(typeOnly && ports.includes(to)),
  )
  t.deepEqual(wrong, [])
})

test('migration acts through the ports of the store and of clusters, and opens neither', (t) => {
  // What is opened is opened once, at the composition root: two stores or two desks would not see each other.
  const openers = [
    'daemon/store/database.ts',
    'daemon/cluster/open-cluster.ts',
    'daemon/cluster/configuration/cluster-settings.ts',
    'drivers/pkcs11/pkcs11-client.ts',
  ]
  const isTable = (to: string) => /^daemon\/store\/.*-table\.ts$/.test(to)
  t.deepEqual(
    violations(
      ({ from, to, typeOnly }) =>
        inFolder(from, 'daemon/migration') && !typeOnly && (openers.includes(to) || isTable(to)),
    ),
    [],
  )
})

test('the lab imports the file format, tokens made of files, and of certificates only how they are written', (t) => {
  const allowed = (to: string) =>
    !inFolder(to, 'daemon') ||
    inFolder(to, 'daemon/ctl') ||
    to === 'daemon/trust/certificate/issue-certificate.ts'
  t.deepEqual(
    violations(({ from, to }) => inFolder(from, 'lab') && !allowed(to)),
    [],
  )
})

// So that they can contradict the prediction of daemon/trust/phones.
test('the phones of the lab decide by code of their own', (t) => {
  const allowed = (to: string) => !/^(daemon|drivers|softhsm)\//.test(to) || inFolder(to, 'daemon/ctl')
  t.deepEqual(
    violations(({ from, to }) => inFolder(from, 'lab/phones') && !allowed(to)),
    [],
  )
})

// show, verify, diff and phones look at what a node serves, without a daemon: so the command reads files from nodes
// itself, at the one place where it reads any file.
test('the command reaches nodes where it reads files, and nowhere else', (t) => {
  const importers = imports
    .filter(({ from, to }) => inFolder(from, 'daemon/cli') && inFolder(to, 'daemon/cluster'))
    .map(({ from }) => from)
  t.deepEqual([...new Set(importers)], ['daemon/cli/read-input-file.ts'])
})

test('no file imports itself through others', (t) => {
  const edges = new Map<string, string[]>()
  for (const { from, to, typeOnly } of imports) {
    if (!typeOnly) edges.set(from, [...(edges.get(from) ?? []), to])
  }
  const done = new Set<string>()
  const walk = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(' → ')]
    if (done.has(file)) return []
    const found = (edges.get(file) ?? []).flatMap((next) => walk(next, [...path, file]))
    done.add(file)
    return found
  }
  t.deepEqual(
    [...edges.keys()].flatMap((file) => walk(file, [])),
    [],
  )
})
