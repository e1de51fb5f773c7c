/** A person uploads what a probe gives to upload, or another file by mistake. */
import { rm } from 'node:fs/promises'
import test, { type ExecutionContext } from 'ava'
import { BridgeError } from '../../../daemon/bridge-error.js'
import { sha256Of } from '../../../daemon/cluster/publishing/check-published-file.js'
import { type ProbeParts, probe } from '../../../daemon/cluster/publishing/probe.js'
import { publishFile } from '../../../daemon/cluster/publishing/publish-file.js'
import type { ProbeRequest } from '../../../daemon/cluster/publishing/publishing.js'
import { caller, FILE, type ServedNode, servedCluster, shown, twoCtls } from './served-cluster.js'

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

test('first the steps, with the file kept for them; then what is served, and what was only said', async (t) => {
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

test('another file that was uploaded fails at once, names both, and says how to put the right one back', async (t) => {
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

test('beginning anew does not make a wrong file the right one', async (t) => {
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

test('a CTL that was changed on purpose is the one to upload, once somebody says so', async (t) => {
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

test('a number is taken for its node and cluster only, and as long as it is the latest', async (t) => {
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

test('a node that does not answer says nothing, and can be asked again', async (t) => {
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

test('the wrong file on the publisher is seen by show ctl before Cisco Tftp serves it', async (t) => {
  const { fresh } = await twoCtls()
  const { parts } = await byGuide(t)
  const asked = await probe(parts, caller, {})
  const showing = { ...parts, showCtl: async () => shown(fresh) }
  const report = await probe(showing, caller, { uploaded: asked.kept, patience: 0 })
  t.like(report, { outcome: 'fails', problem: { code: 'PUBLISH_WRONG_FILE' } })
  t.regex(report.problem?.detail ?? '', /show ctl of the publisher shows another checksum/)
})
