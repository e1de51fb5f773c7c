import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { clusterChecks } from '../../daemon/doctor/examine-clusters.js'
import { lookAtClusters } from '../../daemon/doctor/look-at-clusters.js'
import { runCommand } from '../cli/run-command.js'

const pin = 'ab'.repeat(32)
const cluster = (name: string, password: string, more = '') => `[[clusters]]
name = "${name}"
kind = "cucm"
cli = { user = "admin", password = { file = "${password}" }${more} }
[[clusters.nodes]]
name = "pub"
address = "192.0.2.1"
runs = ["publisher", "tftp", "tvs"]
`

interface Room {
  readonly config: string
  readonly at: (name: string) => string
  /** Writes a file beside the settings. */
  readonly put: (name: string, text: string, mode?: number) => Promise<string>
  readonly look: () => Promise<ReturnType<typeof clusterChecks>>
}

async function room(t: ExecutionContext): Promise<Room> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-doctor-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const at = (name: string) => join(folder, name)
  const put = async (name: string, text: string, mode = 0o600) => {
    await writeFile(at(name), text, { mode })
    return at(name)
  }
  const config = await put('config.toml', `modules = []\n[http]\nsocket = "${at('api.sock')}"\n`)
  const files = { file: at('clusters.toml'), isNamed: false, lab: at('lab/clusters.toml') }
  return { config, at, put, look: async () => clusterChecks(await lookAtClusters(files, {})) }
}

test('without clusters nothing is wrong, and the file that would describe them is named', async (t) => {
  const { at, look } = await room(t)
  t.like(await look(), [
    {
      code: 'CLUSTERS',
      verdict: 'ok',
      found: `No clusters are described; ${at('clusters.toml')} would do it.`,
    },
  ])
})

test('clusters that can be read are counted, the lab apart; strangers among the nodes are named', async (t) => {
  const { at, put, look } = await room(t)
  const password = await put('password', 'secret\n')
  await put('clusters.toml', `${cluster('krakow', password)}web_fingerprint = "${pin}"\n`)
  await mkdir(at('lab'))
  await put(
    'lab/clusters.toml',
    `${cluster('lab', password, `, host_key = "SHA256:${'A'.repeat(43)}"`)}tvs_fingerprint = "${pin}"\n`,
  )
  const [summary, unpinned, ...others] = await look()
  t.like(summary, { code: 'CLUSTERS', verdict: 'ok' })
  t.regex(summary?.found ?? '', /: krakow \(1 node\)\. A lab runs: lab\.$/)
  t.like(unpinned, { code: 'CLUSTER_UNPINNED', verdict: 'note' })
  t.regex(unpinned?.found ?? '', /^Cluster krakow .*: cli\.host_key, tvs_fingerprint of pub\.$/)
  t.deepEqual(others, [])
})

test('a password that others may read, and one that is not there, are told with what to do', async (t) => {
  const { at, put, look } = await room(t)
  const shared = await put('shared', 'secret\n', 0o640)
  await put(
    'clusters.toml',
    `${cluster('krakow', shared)}tvs_fingerprint = "${pin}"\n${cluster('gone', at('gone'))}tvs_fingerprint = "${pin}"\n`,
  )
  const wrong = (await look()).filter(({ verdict }) => verdict === 'wrong')
  t.is(wrong.length, 2)
  t.regex(wrong[0]?.found ?? '', /^Cluster gone, \S+gone: It cannot be opened \(ENOENT\)/)
  t.regex(
    wrong[1]?.found ?? '',
    /^Cluster krakow, \S+shared: Others than its owner may read it \(mode 0640\)/,
  )
  t.true(wrong.every(({ code, remedy }) => code === 'CLUSTER_FILE' && remedy?.includes('chmod 600')))
})

test('a file of authorities that cannot be read is told apart from a password', async (t) => {
  const { at, put, look } = await room(t)
  const password = await put('password', 'secret\n')
  const settings = cluster('krakow', password).replace(
    '[[clusters.nodes]]',
    `tls = { ca_file = "${at('ca.pem')}" }\n$&`,
  )
  await put('clusters.toml', settings)
  const [found, ...others] = (await look()).filter(({ verdict }) => verdict === 'wrong')
  t.like(found, {
    code: 'CLUSTER_FILE',
    remedy: 'Correct tls.ca_file, or let the user who runs the daemon read that file.',
  })
  t.regex(found?.found ?? '', /^Cluster krakow, \S+ca\.pem: It cannot be read \(ENOENT\)/)
  t.deepEqual(others, [])
})

test('the doctor tells of a mistake in the settings of clusters with its line, and exits 5', async (t) => {
  const { config, put } = await room(t)
  await put('clusters.toml', '[[clusters]]\nname = "krakow"\nkind = "asterisc"\nnodes = []\n')
  const { code, stdout } = await runCommand(['doctor', '--config', config])
  t.regex(
    stdout,
    /WRONG {2}Clusters, \S+clusters\.toml, line \d+: Setting clusters\.0\.\w+: [^\n]* \(CONFIG_INVALID\)\n {7}do: Correct the setting/,
  )
  t.is(code, stdout.includes('No PKCS#11') ? 3 : 5)
})
