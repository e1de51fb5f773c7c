/** The sample file of clusters: every setting with its description and its default or an example, from the schema. */
import { z } from 'zod'
import { clusterSchema, nodeSchema, publishingSchema } from './cluster/configuration/cluster-schema.js'
import { type JsonSchema, settingLines } from './sample-config.js'

const hostKey = `SHA256:${'A'.repeat(43)}`
const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':')
const secret = (name: string) => ({ file: `/etc/ctl-bridge/${name}` })

type Values = Readonly<Record<string, unknown>>

const cluster: Values = { name: 'berlin', kind: 'cucm', release: '10.5.2' }
const cli: Values = { user: 'administrator', password: secret('berlin-cli'), host_key: hostKey }
const axl: Values = { user: 'ctl-bridge', password: secret('berlin-axl') }
const tls: Values = { ca_file: '/etc/ctl-bridge/berlin-ca.pem' }
const publisher: Values = {
  name: 'cucm-pub',
  address: '10.48.47.153',
  runs: ['publisher', 'tftp', 'tvs', 'callmanager'],
  web_fingerprint: fingerprint,
  tvs_fingerprint: fingerprint,
}
const guided: Values = { to: 'guided', url: 'https://10.48.47.153:8443/cmplatform/' }
const directory: Values = { to: 'directory', folder: '/srv/tftp' }
const sftp: Values = {
  to: 'sftp',
  host: 'tftp2.example',
  user: 'tftp',
  password: secret('tftp2-password'),
  private_key: secret('tftp2-key'),
  passphrase: secret('tftp2-passphrase'),
  host_key: hostKey,
  folder: '/srv/tftp',
}

const heading = [
  '# Clusters of ctl-bridge; docs/clusters.md explains them. Beside config.toml, or where [clusters] file says. Every',
  '# line shows the default or an example; remove the # of those that you need. This file is read again when it changed.',
  '',
]

export function sampleClusters(): string {
  const { cli: cliTable, axl: axlTable, tls: tlsTable, nodes: _, ...own } = tableOf(clusterSchema)
  const { publishing, ...node } = tableOf(nodeSchema)
  const lines = [
    ...heading,
    ...section('[[clusters]]', undefined, own, cluster),
    ...section('[clusters.cli]', cliTable, cliTable?.properties, cli),
    ...section('[clusters.axl]', axlTable, axlTable?.properties, axl),
    ...section('[clusters.tls]', tlsTable, tlsTable?.properties, tls),
    '# Each node.',
    ...section('[[clusters.nodes]]', undefined, node, publisher),
    ...section('[clusters.nodes.publishing]', publishing, wayOf('guided'), guided),
    '# An Asterisk: the file goes over SFTP onto one host, into a folder for the other.',
    ...section('[[clusters]]', undefined, only(own, ['name', 'kind']), { name: 'hamburg', kind: 'asterisk' }),
    ...section(
      '[[clusters.nodes]]',
      undefined,
      only(node, ['name', 'address', 'runs']),
      tftpNode('tftp2', '192.0.2.2'),
    ),
    ...section('[clusters.nodes.publishing]', undefined, wayOf('sftp'), sftp),
    ...section(
      '[[clusters.nodes]]',
      undefined,
      only(node, ['name', 'address', 'runs']),
      tftpNode('tftp1', '192.0.2.1'),
    ),
    ...section('[clusters.nodes.publishing]', undefined, wayOf('directory'), directory),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

const tftpNode = (name: string, address: string): Values => ({ name, address, runs: ['tftp'] })

type Table = Readonly<Record<string, JsonSchema | undefined>>

const only = (table: Table, names: readonly string[]): Table =>
  Object.fromEntries(names.map((name) => [name, table[name]]))

const tableOf = (schema: z.ZodType): Table =>
  (z.toJSONSchema(schema, { io: 'input' }) as JsonSchema).properties ?? {}

function wayOf(to: string): Table {
  const way = publishingSchema.options.find(({ shape }) => shape.to.value === to)
  if (way === undefined) throw new Error(`no way ${to}`)
  return tableOf(way)
}

function section(
  name: string,
  about: JsonSchema | undefined,
  table: Table | undefined,
  values: Values,
): string[] {
  const description = about?.description === undefined ? [] : [`# ${about.description}`]
  return [...description, `# ${name}`, ...settingLines(table ?? {}, values), '']
}
