import { createHash } from 'node:crypto'
import test from 'ava'
import { BridgeError } from '../../../daemon/bridge-error.js'
import { ClusterDesk } from '../../../daemon/cluster/cluster-desk.js'
import { clusterSchema } from '../../../daemon/cluster/configuration/cluster-schema.js'
import { HeldClusters } from '../../../daemon/migration/situation/held-clusters.js'
import type { Situation } from '../../../daemon/migration/situation/situation.js'
import { takeSituation } from '../../../daemon/migration/situation/take-situation.js'
import type { KeptProbe } from '../../../daemon/store/publishing-probes.js'
import type { TokenView } from '../../../daemon/tokens/token-view.js'
import {
  type Doubles,
  everywhere,
  nodeError,
  openDoubles,
  settingsOf,
  threeNodes,
  trusted,
  untrusted,
} from '../../cluster/observe/observed-cluster.js'
import * as tac from '../../trust/tac-cluster.js'
import { tokenless } from '../../trust/tac-files.js'

const sum = (der: Uint8Array) => createHash('sha256').update(der).digest('hex')
const ctl = tokenless().signed

function token(
  serial: string,
  ders: readonly Uint8Array[],
  changes: { state?: string; maySign?: boolean } = {},
) {
  const certificates = ders.map((der) => ({ der, sha256: sum(der), maySign: changes.maySign ?? true }))
  return { serial, label: serial, state: changes.state ?? 'present', certificates } as unknown as TokenView
}

const probe = (changes: Partial<KeptProbe>): KeptProbe => ({
  at: '2026-11-24T04:00:00.000Z',
  cluster: 'krakow',
  node: 'pub',
  release: '10.5.1.10000-7',
  file: 'CTLFile.tlv',
  to: 'directory',
  principal: { keyId: 'a', name: 'Anna' },
  outcome: 'works',
  evidence: [],
  ...changes,
})

interface Setting {
  readonly doubles: Doubles
  readonly tokens?: readonly TokenView[]
  readonly probes?: readonly KeptProbe[]
  readonly files?: readonly Uint8Array[]
}

async function situation({ doubles, tokens = [], probes = [], files = [] }: Setting): Promise<Situation> {
  const settings = doubles.settings ?? threeNodes
  const clusters = new ClusterDesk({ settings: settingsOf(settings), open: async () => openDoubles(doubles) })
  const held = new HeldClusters(clusters)
  const parts = {
    now: () => new Date('2026-11-25T04:00:00Z'),
    tokens: { list: () => tokens },
    probes: { all: async () => probes, remember: async () => undefined },
    onUnexpected: (error: unknown) => {
      throw error
    },
  }
  const taken = await held.use(settings.name, (cluster) => takeSituation(cluster, parts, { said: [], files }))
  await held.close()
  return taken
}

const nodeOf = ({ nodes }: Situation, name: string) => nodes.find((node) => node.name === name)
const parameters = async () => ({})

test('bytes of each TFTP node, and that there is no file is an answer', async (t) => {
  const taken = await situation({ doubles: { files: everywhere(ctl), axl: { parameters } } })
  t.deepEqual(nodeOf(taken, 'sub1')?.ctl, { seen: ctl, at: 'sub1' })
  t.deepEqual(nodeOf(taken, 'sub1')?.itl, { seen: 'none', at: 'sub1' })
  t.is(nodeOf(taken, 'sub2')?.ctl, undefined)
  t.deepEqual(taken.mode, { seen: 'mixed', at: 'pub' })
  t.deepEqual(taken.release, { seen: '10.5.1.10000-7', at: 'pub' })
  t.deepEqual(taken.reach, { cli: false, axl: true, controlCenter: false })
})

test('a node that does not answer is told with its reason, the others are seen', async (t) => {
  const down = nodeError('NODE_UNREACHABLE', 'sub1')
  const files = { ...everywhere(ctl), 'sub1 tftp CTLFile.tlv': down, 'sub1 http CTLFile.tlv': down }
  const taken = await situation({ doubles: { files, axl: { parameters } } })
  t.deepEqual(nodeOf(taken, 'sub1')?.ctl, { unseen: down.message, at: 'sub1' })
  t.deepEqual(nodeOf(taken, 'pub')?.ctl, { seen: ctl, at: 'pub' })
})

test('every TVS is asked about tokens, what is served, and the files that were named', async (t) => {
  const asked: string[] = []
  const taken = await situation({
    doubles: {
      files: everywhere(ctl),
      axl: { parameters },
      tvs: async (node, certificate) => {
        asked.push(`${node} ${sum(certificate)}`)
        return node === 'pub' ? trusted : untrusted
      },
    },
    tokens: [token('T1', [tac.firstToken.der])],
  })
  const wanted = [tac.firstToken, tac.publisher].flatMap(({ der }) =>
    ['pub', 'sub1'].map((node) => `${node} ${sum(der)}`),
  )
  t.deepEqual(asked.sort(), wanted.sort())
  t.deepEqual(nodeOf(taken, 'sub1')?.tvs?.[sum(tac.firstToken.der)], { seen: untrusted, at: 'sub1' })
  asked.length = 0
  await situation({
    doubles: {
      axl: { parameters },
      tvs: async (_, certificate) => {
        asked.push(sum(certificate))
        return trusted
      },
    },
    files: [ctl],
  })
  t.deepEqual([...new Set(asked)], [sum(tac.publisher.der)])
})

test('a password that AXL refused is sent once; the mode comes from the command line then', async (t) => {
  let sent = 0
  const refuse = async (): Promise<never> => {
    sent += 1
    throw new BridgeError('NODE_LOGIN_REFUSED', 'AXL refused the login.', { node: 'pub' })
  }
  const axl = { version: refuse, securityMode: refuse, modelCounts: refuse, parameters: refuse }
  const taken = await situation({ doubles: { axl, cli: { securityMode: async () => 'non-secure' } } })
  // Mode and release are asked in the same moment.
  t.true(sent <= 2, `${sent} times`)
  t.deepEqual(taken.mode, { seen: 'non-secure', at: 'pub' })
  t.deepEqual(taken.release, { seen: '10.5.1', at: 'the settings' })
  t.deepEqual(taken.models, { unseen: 'AXL refused the login.', at: 'pub' })
})

test('the command line is tried although AXL answers: a plan may need it later', async (t) => {
  const showCtl = async (): Promise<never> => {
    throw new BridgeError('NODE_LOGIN_REFUSED', 'The command line refused the login.', { node: 'pub' })
  }
  const refused = await situation({ doubles: { axl: { parameters }, cli: { showCtl } } })
  t.deepEqual(refused.commandLine, { unseen: 'The command line refused the login.', at: 'pub' })
  const without = await situation({ doubles: { axl: { parameters } } })
  t.is(without.commandLine, undefined)
})

test('services: Control Center of each node is asked what the settings say that it runs, and once where it is silent', async (t) => {
  const asked: string[] = []
  const taken = await situation({
    doubles: {
      axl: { parameters },
      controlCenter: async (node, service) => {
        asked.push(`${node} ${service}`)
        if (node === 'sub1') throw nodeError('NODE_UNREACHABLE', 'sub1')
        return { status: service === 'Cisco CTIManager' ? 'Not Activated' : 'Started', upTime: 5 }
      },
    },
  })
  t.deepEqual(nodeOf(taken, 'sub2')?.services, {
    'Cisco CallManager': { seen: 'Started', at: 'sub2' },
    'Cisco CTIManager': { seen: 'Not Activated', at: 'sub2' },
  })
  t.deepEqual(Object.keys(nodeOf(taken, 'pub')?.services ?? {}), [
    'Cisco Tftp',
    'Cisco Trust Verification Service',
  ])
  const silent = Object.values(nodeOf(taken, 'sub1')?.services ?? {})
  t.is(silent.length, 4)
  t.true(silent.every((state) => 'unseen' in state && state.unseen.includes('NODE_UNREACHABLE')))
  t.is(asked.filter((one) => one.startsWith('sub1')).length, 1)
})

test('tokens: only with a certificate that may sign, Cisco’s before another, those too that are unplugged', async (t) => {
  const taken = await situation({
    doubles: { axl: { parameters } },
    tokens: [
      token('T1', [tac.capf.der, tac.firstToken.der]),
      token('T2', [tac.capf.der], { state: 'absent' }),
      token('T3', [tac.secondToken.der], { maySign: false }),
    ],
  })
  t.deepEqual(
    taken.tokens.map(({ serial, sha256, isCiscos, isPluggedIn }) => [serial, sha256, isCiscos, isPluggedIn]),
    [
      ['T1', sum(tac.firstToken.der), true, true],
      ['T2', sum(tac.capf.der), false, false],
    ],
  )
})

test('probes: of this node at this release', async (t) => {
  const probes = [
    probe({}),
    probe({ node: 'sub1', release: '9.1.2.10000-1' }),
    probe({ node: 'sub2', outcome: 'fails' }),
  ]
  const taken = await situation({ doubles: { axl: { parameters } }, probes })
  t.deepEqual(nodeOf(taken, 'pub')?.probe, { outcome: 'worked', at: '2026-11-24T04:00:00.000Z' })
  t.is(nodeOf(taken, 'sub1')?.probe, undefined)
  t.is(nodeOf(taken, 'sub2')?.probe?.outcome, 'failed')
})

test('Asterisk: no mode, no TVS, and that is told', async (t) => {
  const settings = clusterSchema.parse({
    name: 'pbx',
    kind: 'asterisk',
    nodes: [
      {
        name: 'pbx',
        address: '10.48.47.160',
        runs: ['tftp'],
        publishing: { to: 'directory', folder: '/srv/tftp' },
      },
    ],
  })
  const taken = await situation({ doubles: { settings, files: { 'pbx tftp CTLFile.tlv': ctl } } })
  t.true('unseen' in taken.mode)
  t.is(nodeOf(taken, 'pbx')?.tvs, undefined)
  t.is(nodeOf(taken, 'pbx')?.publishing, 'directory')
})
