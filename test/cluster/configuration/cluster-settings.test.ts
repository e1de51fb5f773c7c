import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { z } from 'zod'
import { clustersSchema } from '../../../daemon/cluster/configuration/cluster-schema.js'
import {
  type ClusterSettings,
  openClusterSettings,
  parseClusters,
} from '../../../daemon/cluster/configuration/cluster-settings.js'
import { sampleClusters } from '../../../daemon/sample-clusters.js'
import { read } from '../../docs/generated-documents.js'

const hostKey = `SHA256:${'A'.repeat(43)}`
const pin = 'ab'.repeat(32)

const cucm = (name: string): string => `[[clusters]]
name = "${name}"
kind = "cucm"
[[clusters.nodes]]
name = "pub"
address = "192.0.2.1"
runs = ["publisher", "tftp", "tvs"]
`

interface Bench {
  readonly file: string
  readonly lab: string
  readonly settings: ClusterSettings
  /** Writes beside and renames, as editors do. */
  readonly write: (file: string, text: string) => Promise<void>
}

async function bench(t: ExecutionContext, { isNamed = false } = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-clusters-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'lab'))
  const [file, lab] = [join(folder, 'clusters.toml'), join(folder, 'lab', 'clusters.toml')]
  const write = async (path: string, text: string) => {
    await writeFile(`${path}.new`, text, { mode: 0o600 })
    await rename(`${path}.new`, path)
  }
  return { file, lab, settings: openClusterSettings({ file, isNamed, lab }), write }
}

const namesOf = ({ list }: ClusterSettings): string[] => list().clusters.map(({ settings }) => settings.name)

test('without files there is no cluster; a file that was named must be there', async (t) => {
  const { settings } = await bench(t)
  t.deepEqual(settings.list(), { clusters: [], problems: [] })
  t.throws(() => settings.get('berlin'), { code: 'CLUSTER_UNKNOWN', message: /none is configured/ })
  const named = await bench(t, { isNamed: true })
  t.is(named.settings.list().problems[0]?.code, 'CONFIG_INVALID')
  t.throws(() => named.settings.get('berlin'), { code: 'CONFIG_INVALID' })
})

test('a file is read again when it changed, comes or goes', async (t) => {
  const { settings, file, write } = await bench(t)
  await write(file, cucm('berlin'))
  t.deepEqual(namesOf(settings), ['berlin'])
  await write(file, cucm('hamburg') + cucm('bonn'))
  t.deepEqual(namesOf(settings), ['bonn', 'hamburg'])
  // In place, with the same length.
  await writeFile(file, cucm('hamburk') + cucm('bonn'))
  t.deepEqual(namesOf(settings), ['bonn', 'hamburk'])
  t.throws(() => settings.get('berlin'), { code: 'CLUSTER_UNKNOWN', message: /there are bonn, hamburk/ })
  await rm(file)
  t.deepEqual(namesOf(settings), [])
})

test('a file that became wrong is not used, nor what it said before, and says where', async (t) => {
  const { settings, file, lab, write } = await bench(t)
  await write(file, cucm('berlin'))
  await write(lab, cucm('lab'))
  t.deepEqual(namesOf(settings), ['berlin', 'lab'])
  await write(file, `${cucm('berlin')}tftp_port = "69"\n`)
  t.deepEqual(namesOf(settings), ['lab'], 'the other file counts on')
  const error = t.throws(() => settings.get('berlin'), { code: 'CONFIG_INVALID' })
  t.like(error, { place: { file, setting: 'clusters.0.nodes.0.tftp_port', line: 8 } })
  t.is(settings.get('lab').isLab, true)
  await write(file, cucm('berlin'))
  t.like(settings.get('berlin'), { isLab: false, file })
})

test('others than root and the daemon’s user may not have written it, nor the lab’s', async (t) => {
  for (const which of ['file', 'lab'] as const) {
    const made = await bench(t)
    await made.write(made[which], cucm('berlin'))
    await chmod(made[which], 0o666)
    t.deepEqual(namesOf(made.settings), [])
    t.throws(() => made.settings.get('berlin'), { code: 'CONFIG_UNTRUSTED' })
    await chmod(made[which], 0o600)
    t.deepEqual(namesOf(made.settings), ['berlin'], 'a change of mode alone is seen')
  }
})

test('a lab does not take the name of a configured cluster', async (t) => {
  const { settings, file, lab, write } = await bench(t)
  await write(file, cucm('berlin'))
  await write(lab, cucm('berlin') + cucm('lab'))
  t.deepEqual(namesOf(settings), ['berlin', 'lab'])
  t.is(settings.get('berlin').isLab, false)
  t.like(settings.list().problems[0], { code: 'CONFIG_INVALID', place: { file: lab, cluster: 'berlin' } })
})

const node = (lines: string): string => `[[clusters.nodes]]\nname = "n"\naddress = "192.0.2.9"\n${lines}\n`
const asterisk = (lines: string): string =>
  `[[clusters]]\nname = "a"\nkind = "asterisk"\n${lines}\n${node('runs = ["tftp"]')}`
const sftp = 'publishing = { to = "sftp", user = "u", folder = "/f"'

const wrong: readonly (readonly [string, string, RegExp])[] = [
  [cucm('a') + cucm('a'), 'clusters.1.name', /another cluster is named a/],
  [cucm('a') + node('runs = ["tftp"]').repeat(2), 'clusters.0.nodes.2.name', /another node is named n/],
  [cucm('a') + node('runs = ["publisher"]'), 'clusters.0.nodes', /one publisher, and 2/],
  [cucm('a').replace('"publisher", ', ''), 'clusters.0.nodes', /one publisher, and 0/],
  [cucm('a').replace(', "tftp"', ''), 'clusters.0.nodes', /no node runs tftp/],
  [asterisk('release = "10.5.2"'), 'clusters.0.release', /Asterisk/],
  [asterisk('cli = { user = "u", password = { file = "/p" } }'), 'clusters.0.cli', /Asterisk/],
  [asterisk('axl = { user = "u", password = { file = "/p" } }'), 'clusters.0.axl', /Asterisk/],
  [asterisk('') + node('runs = ["tvs"]').replace('"n"', '"m"'), 'clusters.0.nodes.1.runs', /Asterisk/],
  [`${asterisk('')}publishing = { to = "guided" }`, 'clusters.0.nodes.0.publishing.to', /CUCM/],
  [`${asterisk('')}${sftp} }`, 'clusters.0.nodes.0.publishing', /password or a private_key/],
  [
    `${asterisk('')}${sftp}, password = { file = "/p" }, passphrase = { file = "/q" } }`,
    'clusters.0.nodes.0.publishing.passphrase',
    /private_key/,
  ],
  [
    `${cucm('a')}${node('runs = ["tvs"]\npublishing = { to = "guided" }')}`,
    'clusters.0.nodes.1.publishing',
    /does not run tftp/,
  ],
  [`${cucm('a')}read = "http"\nhttp_port = 0`, 'clusters.0.nodes.0.read', /http_port/],
  [`${cucm('a')}[clusters.tls]\nweak_keys = true`, 'clusters.0.nodes.0', /tvs_fingerprint/],
  [
    `${cucm('a')}tvs_fingerprint = "${pin}"\n[clusters.tls]\nweak_keys = true\n[clusters.axl]\nuser = "u"\npassword = { file = "/p" }`,
    'clusters.0.nodes.0',
    /web_fingerprint/,
  ],
  [`${cucm('a')}web_fingerprint = "ab"`, 'clusters.0.nodes.0.web_fingerprint', /64 hex digits/],
  [`${cucm('a')}adress = "x"`, 'clusters.0.nodes.0', /adress/],
  [cucm('a').replace('192.0.2.1', 'a b'), 'clusters.0.nodes.0.address', /name or an IP address/],
  [`${cucm('a')}[clusters.cli]\nuser = "u"\npassword = "hunter2"`, 'clusters.0.cli.password', /file = /],
]

for (const [text, setting, message] of wrong) {
  test(`refused: ${setting} ${message.source}`, (t) => {
    const error = t.throws(() => parseClusters(text, '/c.toml'), { code: 'CONFIG_INVALID', message })
    t.like(error, { place: { file: '/c.toml', setting } })
    t.truthy((error as unknown as { place: { line?: number } }).place.line)
    t.false(JSON.stringify([error, (error as Error).message]).includes('hunter2'))
  })
}

test('weak keys are taken with pins for what is asked, or with a CA', (t) => {
  const weak = '[clusters.tls]\nweak_keys = true\n'
  t.notThrows(() => parseClusters(`${cucm('a')}tvs_fingerprint = "${pin}"\n${weak}`, '/c'))
  t.notThrows(() => parseClusters(`${cucm('a')}${weak}ca_file = "/ca.pem"`, '/c'))
})

test('fingerprints are taken as they are printed', (t) => {
  const printed = (pin.match(/../g) ?? []).join(':').toUpperCase()
  const text = `${cucm('a')}web_fingerprint = "${printed}"\n[clusters.cli]\nuser = "u"\npassword = { credential = "c" }\nhost_key = "${hostKey}"`
  const [cluster] = parseClusters(text, '/c')
  t.is(cluster?.nodes[0]?.web_fingerprint, pin)
})

const uncommented = (): string =>
  sampleClusters()
    .split('\n')
    .map((line) => line.replace(/^# (?=\w+ = |\[)/, ''))
    .join('\n')

test('the sample without its # is right, and holds every field', (t) => {
  const clusters = parseClusters(uncommented(), '/sample')
  t.deepEqual(
    clusters.map(({ kind, nodes }) => [kind, nodes.map(({ publishing }) => publishing?.to)]),
    [
      ['cucm', ['guided']],
      ['asterisk', ['sftp', 'directory']],
    ],
  )
  const sample = sampleClusters()
  const missing = fieldsOf(z.toJSONSchema(clustersSchema, { io: 'input' })).filter(
    (name) =>
      !new RegExp(`^# (\\[+(\\w+\\.)*${name}\\]+$|${name} = )|\\b${name} = ".*\\}$`, 'm').test(sample),
  )
  t.deepEqual(missing, ['credential'], 'a credential takes the place of a file')
  t.notRegex(sample, /undefined/)
})

function fieldsOf(schema: unknown): string[] {
  if (schema === null || typeof schema !== 'object') return []
  const { properties = {} } = schema as { properties?: Record<string, unknown> }
  const own = Object.keys(properties)
  const inner = Object.values(schema).flatMap((value) =>
    Array.isArray(value) ? value.flatMap(fieldsOf) : fieldsOf(value),
  )
  return [...new Set([...own, ...Object.values(properties).flatMap(fieldsOf), ...inner])]
}

test('the examples of docs/clusters.md are right', (t) => {
  const blocks = [...read('docs/clusters.md').matchAll(/```\n(\[\[clusters\]\][\s\S]*?)```/g)]
  t.is(blocks.length, 2)
  for (const [, block = ''] of blocks) {
    const text = block.replaceAll('"SHA256:…"', `"${hostKey}"`).replaceAll('"…"', `"${pin}"`)
    t.notThrows(() => parseClusters(text, '/docs'))
  }
})
