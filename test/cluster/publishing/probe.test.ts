import { createHash } from 'node:crypto'
import { rm, stat } from 'node:fs/promises'
import test, { type ExecutionContext } from 'ava'
import { BridgeError } from '../../../daemon/bridge-error.js'
import type { Publisher, ShownCtl } from '../../../daemon/cluster/ports.js'
import { sha256Of } from '../../../daemon/cluster/publishing/check-published-file.js'
import { type ProbeParts, probe } from '../../../daemon/cluster/publishing/probe.js'
import { publishFile } from '../../../daemon/cluster/publishing/publish-file.js'
import { publishToDirectory } from '../../../daemon/cluster/publishing/publish-to-directory.js'
import type { ProbeRequest } from '../../../daemon/cluster/publishing/publishing.js'
import {
  caller,
  FILE,
  type ServedNode,
  servedCluster,
  servingAfterRestart,
  twoCtls,
} from './served-cluster.js'

const shown = (bytes: Uint8Array, isVerified = true): ShownCtl => ({
  md5: createHash('md5').update(bytes).digest('hex'),
  sha1: createHash('sha1').update(bytes).digest('hex'),
  length: bytes.length,
  isVerified,
  text: '',
})

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

/** Nodes that a person uploads to, who does it by `put`. */
async function byGuide(t: ExecutionContext, names: readonly string[] = ['pub']) {
  const cluster = await servedCluster(t, names)
  const nodes = cluster.nodes.map((node) => ({
    ...node,
    way: { to: 'guided' as const, steps: (file: string) => [`Upload ${file}.`] },
  }))
  const parts: ProbeParts = { ...cluster.parts, nodes, release: async () => '11.5.1' }
  const [first] = cluster.nodes as [ServedNode]
  const remembered = async () => (await cluster.parts.probes.all('berlin')).map(({ outcome }) => outcome)
  const kept = async (id: number | undefined) => await parts.published.get(id ?? 0)
  return { ...cluster, parts, first, remembered, kept }
}

test('by guide: first the steps, with the file kept for them; then what is served, and what was only said', async (t) => {
  const { old } = await twoCtls()
  const { parts, remembered, kept, auditLines } = await byGuide(t)
  const asked = await probe(parts, caller, {})
  t.like(asked, { outcome: 'guided', steps: [`Upload ${FILE}.`], sha256: sha256Of(old) })
  const entry = await kept(asked.kept)
  t.is(entry?.outcome, 'probe-open')
  t.deepEqual(await parts.published.bytes(entry?.sha256 ?? ''), new Uint8Array(old))
  t.deepEqual(await remembered(), [])
  const again = await probe(parts, caller, {})
  t.is(again.kept, asked.kept, 'the same file is not kept twice')
  const second = await probe(parts, caller, { uploaded: asked.kept, patience: 0 })
  t.is(second.outcome, 'works-as-said')
  t.regex(second.evidence.join(' '), /was said, not seen.*serves the same file again/)
  t.like(await parts.probes.all('berlin'), [{ outcome: 'works-as-said', to: 'guided', release: '11.5.1' }])
  t.is((await kept(asked.kept))?.outcome, 'probe')
  t.deepEqual(await auditLines(), ['cluster.probe intent pub', 'cluster.probe outcome ok pub'])
})

test('by guide: another file that was uploaded fails at once, names both, and says how to put the right one back', async (t) => {
  const { old, fresh } = await twoCtls()
  const { parts, first, remembered, kept, auditLines } = await byGuide(t)
  const asked = await probe(parts, caller, {})
  await first.put(fresh)
  const begun = performance.now()
  const wrong = await probe(parts, caller, { uploaded: asked.kept, patience: 600_000 })
  t.true(performance.now() - begun < 300_000, 'it is not waited for')
  t.like(wrong, { outcome: 'fails', kept: asked.kept, problem: { code: 'PUBLISH_WRONG_FILE' } })
  const detail = wrong.problem?.detail ?? ''
  t.true(detail.includes(`serves another ${FILE} (SHA-256 ${sha256Of(fresh)})`), detail)
  t.true(detail.includes(`not the one to upload (SHA-256 ${sha256Of(old)}, entry ${asked.kept})`), detail)
  t.true(detail.endsWith(`ctl-bridge clusters files berlin ${asked.kept} --published --out ${FILE}`), detail)
  t.deepEqual(await remembered(), ['fails'])
  t.is((await parts.probes.all('berlin'))[0]?.evidence.at(-1), detail)
  t.is((await kept(asked.kept))?.outcome, 'probe-failed')
  t.deepEqual(await auditLines(), [
    'cluster.probe intent pub',
    'cluster.probe outcome PUBLISH_WRONG_FILE pub',
  ])
  await first.put(old)
  const mended = await probe(parts, caller, { uploaded: asked.kept, patience: 0 })
  t.is(mended.outcome, 'works-as-said')
  t.deepEqual(await remembered(), ['works-as-said'])
})

test('by guide: beginning anew does not make a wrong file the right one', async (t) => {
  const { old, fresh } = await twoCtls()
  const { parts, first, remembered } = await byGuide(t)
  const asked = await probe(parts, caller, {})
  await first.put(fresh)
  for (const found of [fresh, undefined]) {
    if (found === undefined) await rm(first.path)
    const anew = await probe(parts, caller, {})
    t.like(anew, { outcome: 'fails', kept: asked.kept, problem: { code: 'PUBLISH_WRONG_FILE' } })
    t.true(anew.problem?.detail.includes(sha256Of(old)))
  }
  t.deepEqual(await remembered(), [], 'nobody said that it was uploaded')
  await first.put(fresh)
  t.is((await probe(parts, caller, { uploaded: asked.kept, patience: 0 })).outcome, 'fails')
  const still = await probe(parts, caller, {})
  t.like(still, { outcome: 'fails', kept: asked.kept, problem: { code: 'PUBLISH_WRONG_FILE' } })
  t.deepEqual(await remembered(), ['fails'])
})

test('by guide: a CTL that was changed on purpose is the one to upload, once somebody says so', async (t) => {
  const { fresh } = await twoCtls()
  const { parts, first } = await byGuide(t)
  const asked = await probe(parts, caller, {})
  t.is((await probe(parts, caller, { isChanged: true })).kept, asked.kept, 'it did not change')
  await first.put(fresh)
  const anew = await probe(parts, caller, { isChanged: true })
  t.like(anew, { outcome: 'guided', sha256: sha256Of(fresh) })
  t.regex(anew.evidence.join(' '), /changed on purpose since entry \d+ was kept was said/)
  await t.throwsAsync(probe(parts, caller, { uploaded: asked.kept }), { code: 'PUBLISH_PROBE_OVER' })
  t.is((await probe(parts, caller, { uploaded: anew.kept, patience: 0 })).outcome, 'works-as-said')
})

test('by guide: a number is taken for its node and cluster only, and as long as it is the latest', async (t) => {
  const { fresh } = await twoCtls()
  const { parts, nodes, remembered } = await byGuide(t, ['pub', 'sub'])
  const asked = await probe(parts, caller, { node: 'pub' })
  const refused = async (request: ProbeRequest, code: string, own: ProbeParts = parts) => {
    await t.throwsAsync(probe(own, caller, { patience: 0, ...request }), { code }, JSON.stringify(request))
  }
  await refused({ uploaded: (asked.kept ?? 0) + 1 }, 'PUBLISH_ENTRY_UNKNOWN')
  await refused({ uploaded: asked.kept, node: 'sub' }, 'PUBLISH_ENTRY_UNKNOWN')
  await refused({ uploaded: asked.kept }, 'PUBLISH_ENTRY_UNKNOWN', { ...parts, cluster: 'bonn' })
  await refused({ uploaded: asked.kept }, 'CLUSTER_NOT_CONFIGURED', { ...parts, nodes })
  t.like(await probe(parts, caller, { uploaded: asked.kept, patience: 0 }), {
    node: 'pub',
    outcome: 'works-as-said',
  })
  await refused({ uploaded: asked.kept }, 'PUBLISH_PROBE_OVER')

  const later = await probe(parts, caller, { node: 'pub' })
  const published = await publishFile(parts, caller, { bytes: fresh, nodes: ['pub'] })
  t.is(published.nodes[0]?.outcome, 'guided')
  await refused({ uploaded: later.kept }, 'PUBLISH_PROBE_OVER')
  await refused({ uploaded: published.nodes[0]?.kept }, 'PUBLISH_ENTRY_UNKNOWN')
  t.deepEqual(await remembered(), ['works-as-said'])
})

test('by guide: a node that does not answer says nothing, and can be asked again', async (t) => {
  const { parts, remembered, kept } = await byGuide(t)
  const asked = await probe(parts, caller, {})
  const silent = parts.nodes.map((node) => ({
    ...node,
    readServed: () => Promise.reject(new BridgeError('NODE_TIMEOUT', 'timeout', { node: 'pub' })),
  }))
  const report = await probe({ ...parts, nodes: silent }, caller, { uploaded: asked.kept, patience: 0 })
  t.like(report, { outcome: 'fails', problem: { code: 'PUBLISH_NOT_SERVED' } })
  t.deepEqual(await remembered(), [])
  t.is((await kept(asked.kept))?.outcome, 'probe-open')
  t.is((await probe(parts, caller, { uploaded: asked.kept, patience: 0 })).outcome, 'works-as-said')
})

test('by guide: the wrong file on the publisher is seen by show ctl before Cisco Tftp serves it', async (t) => {
  const { fresh } = await twoCtls()
  const { parts } = await byGuide(t)
  const asked = await probe(parts, caller, {})
  const showing = { ...parts, showCtl: async () => shown(fresh) }
  const report = await probe(showing, caller, { uploaded: asked.kept, patience: 0 })
  t.like(report, { outcome: 'fails', problem: { code: 'PUBLISH_WRONG_FILE' } })
  t.regex(report.problem?.detail ?? '', /show ctl of the publisher shows another checksum/)
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
