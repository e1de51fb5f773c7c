import { rm, stat } from 'node:fs/promises'
import test from 'ava'
import { BridgeError } from '../../../daemon/bridge-error.js'
import type { Publisher } from '../../../daemon/cluster/ports.js'
import { sha256Of } from '../../../daemon/cluster/publishing/check-published-file.js'
import { type ProbeParts, probe } from '../../../daemon/cluster/publishing/probe.js'
import { publishToDirectory } from '../../../daemon/cluster/publishing/publish-to-directory.js'
import {
  caller,
  FILE,
  type ServedNode,
  servedCluster,
  servingAfterRestart,
  shown,
  twoCtls,
} from './served-cluster.js'

test('a probe writes the file over itself on a subscriber, restarts, reads back, looks at show ctl, and remembers', async (t) => {
  const { old } = await twoCtls()
  const cluster = await servedCluster(t, ['pub', 'sub'])
  const restarts: string[] = []
  const nodes = cluster.nodes.map((node) => servingAfterRestart(node, (name) => restarts.push(name)))
  const parts: ProbeParts = {
    ...cluster.parts,
    nodes,
    release: async () => '10.5.2.10000-5',
    showCtl: async () => shown(old),
  }
  const inodes = () => Promise.all(cluster.nodes.map(async ({ path }) => (await stat(path)).ino))
  const before = await inodes()
  const report = await probe(parts, caller, { patience: 20_000 })
  const after = await inodes()
  t.like(report, {
    outcome: 'works',
    node: 'sub',
    to: 'directory',
    sha256: sha256Of(old),
    release: '10.5.2.10000-5',
  })
  t.deepEqual(report.evidence, [
    `sub served ${FILE}, ${old.length} bytes, SHA-256 ${sha256Of(old)}.`,
    'The same bytes were written over it (directory).',
    'Cisco Tftp was restarted.',
    'It serves the same file again.',
    'show ctl of the publisher has its checksum and verifies it.',
  ])
  t.is(after[0], before[0], 'the publisher was left alone')
  t.not(after[1], before[1], 'the subscriber really was written to')
  t.deepEqual(await cluster.nodes[1]?.content(), new Uint8Array(old))
  t.deepEqual(restarts, ['sub'])
  t.like(await cluster.parts.probes.all('berlin'), [
    { node: 'sub', release: '10.5.2.10000-5', outcome: 'works' },
  ])
  t.deepEqual(await cluster.auditLines(), [
    'cluster.probe intent sub',
    'cluster.probe outcome ok sub',
    'cluster.restart intent sub',
    'cluster.restart outcome ok sub',
  ])
})

test('the only node is probed where there is no subscriber, and what was not looked at is said', async (t) => {
  const cluster = await servedCluster(t, ['pub'])
  const report = await probe({ ...cluster.parts, release: async () => undefined }, caller, { patience: 0 })
  t.like(report, { outcome: 'works', node: 'pub' })
  t.false('release' in report)
  t.regex(report.evidence.join(' '), /not restarted.*show ctl was not looked at/)
  t.is((await cluster.parts.probes.all('berlin'))[0]?.release, '')
})

test('a file that changed since it was read is not touched, and nothing is remembered', async (t) => {
  const { fresh } = await twoCtls()
  const cluster = await servedCluster(t, ['pub'])
  const [pub] = cluster.nodes as [ServedNode]
  const real = publishToDirectory({ node: 'pub', folder: pub.server.folder })
  const publisher: Publisher = {
    read: async (file) => {
      const found = await real.read(file)
      await pub.put(fresh)
      return found
    },
    write: real.write,
  }
  // TFTP read it before the stranger came.
  const served = await pub.readServed(FILE)
  const node = { ...pub, way: { to: 'directory' as const, publisher }, readServed: async () => served }
  const report = await probe({ ...cluster.parts, nodes: [node], release: async () => '9.1' }, caller, {})
  t.like(report, { outcome: 'fails', problem: { code: 'PUBLISH_OVERTAKEN' } })
  t.deepEqual(await pub.content(), new Uint8Array(fresh))
  t.deepEqual(await cluster.parts.probes.all('berlin'), [])
})

test('a target that holds another file than is served is not written to', async (t) => {
  const { fresh } = await twoCtls()
  const cluster = await servedCluster(t, ['pub'])
  const stale = servingAfterRestart(cluster.nodes[0] as ServedNode)
  await stale.readServed(FILE)
  await cluster.nodes[0]?.put(fresh)
  const parts = { ...cluster.parts, nodes: [stale], release: async () => undefined }
  const report = await probe(parts, caller, {})
  t.like(report, { outcome: 'fails', problem: { code: 'PUBLISH_OVERTAKEN' } })
  t.deepEqual(await cluster.nodes[0]?.content(), new Uint8Array(fresh))
  t.deepEqual(await cluster.auditLines(), [])
})

test('without a file, or a valid one, there is nothing to probe with', async (t) => {
  const cluster = await servedCluster(t, ['pub'])
  const parts = { ...cluster.parts, release: async () => undefined }
  await cluster.nodes[0]?.put(Buffer.from('no CTL'))
  t.regex((await probe(parts, caller, {})).problem?.code ?? '', /^CTL_/)
  await rm(cluster.nodes[0]?.path ?? '')
  t.like(await probe(parts, caller, {}), { outcome: 'fails', problem: { code: 'NODE_HAS_NO_FILE' } })
  t.deepEqual(await cluster.parts.probes.all('berlin'), [])
})

test('a node that serves nothing, or something else, after the restart fails, and that is remembered', async (t) => {
  const { old, fresh } = await twoCtls()
  for (const [after, detail] of [
    [fresh, /serves another/],
    [undefined, /does not serve the file any more.*timeout/],
  ] as const) {
    const cluster = await servedCluster(t, ['pub'])
    const [pub] = cluster.nodes as [ServedNode]
    let served: Uint8Array | undefined = old
    const node = {
      ...pub,
      readServed: async () => {
        if (served === undefined) throw new BridgeError('NODE_TIMEOUT', 'timeout', { node: 'pub' })
        return served
      },
      restartTftp: async () => {
        served = after
      },
    }
    const parts = { ...cluster.parts, nodes: [node], release: async () => '10.5.2' }
    const report = await probe(parts, caller, { patience: 0 })
    t.like(report, { outcome: 'fails', problem: { code: 'PUBLISH_NOT_SERVED' } })
    t.regex(report.problem?.detail ?? '', detail)
    const [kept] = await cluster.parts.probes.all('berlin')
    t.is(kept?.outcome, 'fails')
    t.is(kept?.evidence.at(-1), report.problem?.detail)
  }
})

test('show ctl that has another file or does not verify it fails; one that cannot be asked is said', async (t) => {
  const { old, fresh } = await twoCtls()
  const answers: readonly (readonly [ProbeParts['showCtl'], string, RegExp])[] = [
    [async () => shown(fresh), 'fails', /shows another checksum/],
    [async () => shown(old, false), 'fails', /does not verify/],
    [
      () => Promise.reject(new BridgeError('NODE_TIMEOUT', 'too late', {})),
      'works',
      /could not be looked at: too late/,
    ],
  ]
  for (const [showCtl, outcome, words] of answers) {
    const { parts } = await servedCluster(t, ['pub'])
    const report = await probe({ ...parts, release: async () => undefined, showCtl }, caller, { patience: 0 })
    t.is(report.outcome as string, outcome)
    t.regex([...report.evidence, report.problem?.detail ?? ''].join(' '), words)
  }
})

test('a probe needs a way, and a node that is there', async (t) => {
  const cluster = await servedCluster(t, ['pub'])
  const parts = { ...cluster.parts, release: async () => undefined }
  const nodes = cluster.nodes.map((node) => ({ ...node, way: undefined }))
  await t.throwsAsync(probe({ ...parts, nodes }, caller, {}), { code: 'CLUSTER_NOT_CONFIGURED' })
  await t.throwsAsync(probe(parts, caller, { node: 'sub' }), {
    code: 'CLUSTER_NOT_CONFIGURED',
    message: /pub/,
  })
})
