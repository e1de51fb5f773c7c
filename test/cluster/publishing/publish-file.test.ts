import { rm, stat } from 'node:fs/promises'
import test from 'ava'
import { BridgeError } from '../../../daemon/bridge-error.js'
import type { Publisher } from '../../../daemon/cluster/ports.js'
import { awaitPublished } from '../../../daemon/cluster/publishing/await-published.js'
import { sha256Of } from '../../../daemon/cluster/publishing/check-published-file.js'
import { publishFile } from '../../../daemon/cluster/publishing/publish-file.js'
import { publishToDirectory } from '../../../daemon/cluster/publishing/publish-to-directory.js'
import { realFile } from '../../vectors/real-file.js'
import {
  caller,
  FILE,
  type ServedNode,
  servedCluster,
  servingAfterRestart,
  twoCtls,
} from './served-cluster.js'
import { sftpTo } from './targets.js'

/** Only a node that never serves the file takes so long. */
const quick = { patience: 20_000 }

const publisherOf = ({ way }: ServedNode): Publisher => {
  if (way === undefined || way.to === 'guided') throw new Error('written to')
  return way.publisher
}

test('a file goes to every node, by folder and by SFTP, and is served by each; what was there is kept', async (t) => {
  const { old, fresh } = await twoCtls()
  const cluster = await servedCluster(t, ['pub', 'sub'])
  const [pub, sub] = cluster.nodes as [ServedNode, ServedNode]
  const { publisher } = await sftpTo(t, sub.server.folder, {}, { node: 'sub' })
  const parts = { ...cluster.parts, nodes: [pub, { ...sub, way: { to: 'sftp' as const, publisher } }] }
  const report = await publishFile(parts, caller, { bytes: fresh, ...quick })
  const states = { targetBefore: sha256Of(old), servedBefore: sha256Of(old), served: sha256Of(fresh) }
  t.like(report, {
    cluster: 'berlin',
    file: FILE,
    sha256: sha256Of(fresh),
    servedEverywhere: true,
    others: [],
  })
  t.deepEqual(report.nodes, [
    { node: 'pub', to: 'directory', ...states, kept: report.nodes[0]?.kept ?? 0, outcome: 'published' },
    { node: 'sub', to: 'sftp', ...states, kept: report.nodes[1]?.kept ?? 0, outcome: 'published' },
  ])
  for (const node of [pub, sub]) t.deepEqual(await node.content(), new Uint8Array(fresh))
  for (const { kept, node } of report.nodes) {
    const entry = await parts.published.get(kept ?? 0)
    t.like(entry, { node, cluster: 'berlin', file: FILE, outcome: 'published', requestId: 'request-1' })
    const before = await parts.published.bytes(entry?.before.target ?? '')
    t.deepEqual(before, new Uint8Array(old), 'byte for byte')
  }
  t.deepEqual([...(await cluster.auditLines())].sort(), [
    'cluster.publish intent pub',
    'cluster.publish intent sub',
    'cluster.publish outcome ok pub',
    'cluster.publish outcome ok sub',
  ])
})

test('where it is served already nothing is written, kept or audited', async (t) => {
  const { fresh } = await twoCtls()
  const { parts, nodes, auditLines } = await servedCluster(t, ['pub'])
  await nodes[0]?.put(fresh)
  const { ino } = await stat(nodes[0]?.path ?? '')
  const report = await publishFile(parts, caller, { bytes: fresh })
  t.like(report.nodes[0], { outcome: 'unchanged', served: sha256Of(fresh) })
  t.true(report.servedEverywhere)
  t.is((await stat(nodes[0]?.path ?? '')).ino, ino)
  t.deepEqual(await parts.published.latest('berlin', 9), [])
  t.deepEqual(await auditLines(), [])
})

test('nodes that fail stop no other and are told, each with its cause', async (t) => {
  const { old, fresh } = await twoCtls()
  const cluster = await servedCluster(t, ['pub', 'down', 'gone', 'none'])
  const [pub, down, gone, none] = cluster.nodes as [ServedNode, ServedNode, ServedNode, ServedNode]
  const folder = publishToDirectory({ node: 'down', folder: pub.server.folder })
  await down.server.stop()
  await rm(gone.server.folder, { recursive: true })
  const nodes = [
    pub,
    // Its folder is well (a mount), its server does not answer.
    { ...down, way: { to: 'directory' as const, publisher: folder } },
    gone,
    { ...none, way: undefined },
  ]
  const report = await publishFile({ ...cluster.parts, nodes }, caller, { bytes: fresh, patience: 3000 })
  t.false(report.servedEverywhere)
  t.like(report.nodes, {
    0: { node: 'pub', outcome: 'published' },
    1: { node: 'down', outcome: 'not-served', targetBefore: sha256Of(old) },
    2: { node: 'gone', outcome: 'failed', problem: { code: 'PUBLISH_FAILED' } },
    3: {
      node: 'none',
      outcome: 'failed',
      problem: { code: 'CLUSTER_NOT_CONFIGURED' },
      served: sha256Of(old),
    },
  })
  t.regex(report.nodes[1]?.problem?.code ?? '', /^NODE_(TIMEOUT|UNREACHABLE)$/)
  t.false('served' in (report.nodes[1] ?? {}))
})

test('a file that is replaced behind one’s back between reading and writing stays', async (t) => {
  const { old, fresh } = await twoCtls()
  const cluster = await servedCluster(t, ['pub', 'sub'])
  const [pub, sub] = cluster.nodes as [ServedNode, ServedNode]
  const stranger = Buffer.from('put there by hand')
  const real = publisherOf(sub)
  const publisher: Publisher = {
    read: async (file) => {
      const found = await real.read(file)
      await sub.put(stranger)
      return found
    },
    write: real.write,
  }
  const nodes = [pub, { ...sub, way: { to: 'directory' as const, publisher } }]
  const report = await publishFile({ ...cluster.parts, nodes }, caller, { bytes: fresh, ...quick })
  t.like(report.nodes, {
    0: { outcome: 'published' },
    1: { outcome: 'failed', problem: { code: 'PUBLISH_OVERTAKEN' } },
  })
  t.is(report.nodes[1]?.served, sha256Of(stranger))
  t.deepEqual(await sub.content(), new Uint8Array(stranger))
  const kept = await cluster.parts.published.get(report.nodes[1]?.kept ?? 0)
  t.like(kept, { outcome: 'failed', before: { target: sha256Of(old) } })
  t.true((await cluster.auditLines()).includes('cluster.publish outcome PUBLISH_OVERTAKEN sub'))
})

test('no file before is kept as a state', async (t) => {
  const { fresh } = await twoCtls()
  const { parts, nodes } = await servedCluster(t, ['pub'])
  await rm(nodes[0]?.path ?? '')
  const report = await publishFile(parts, caller, { bytes: fresh, ...quick })
  t.like(report.nodes[0], { outcome: 'published', targetBefore: null, servedBefore: null })
  t.deepEqual((await parts.published.get(report.nodes[0]?.kept ?? 0))?.before, { target: null, served: null })
})

test('what is not the CTL or ITL that its name says is refused before a node is touched', async (t) => {
  const { fresh } = await twoCtls()
  const { parts, steps } = await servedCluster(t, ['pub'])
  const broken = Uint8Array.from(fresh)
  broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1
  const refused = (bytes: Uint8Array, file: string | undefined, code: string) =>
    t.throwsAsync(publishFile(parts, caller, { bytes, file }), { code }, file)
  await refused(broken, undefined, 'CTL_SIGNATURE_WRONG')
  await refused(new Uint8Array(), undefined, 'CTL_EMPTY')
  await refused(realFile(), undefined, 'PUBLISH_FILE_REFUSED')
  await refused(fresh, 'ITLFile.tlv', 'PUBLISH_FILE_REFUSED')
  await refused(fresh, 'other.tlv', 'PUBLISH_FILE_REFUSED')
  for (const name of ['../CTLFile.tlv', 'a/b', '.hidden', '', 'a b', `${'x'.repeat(101)}`]) {
    await refused(Uint8Array.of(1), name, 'PUBLISH_FILE_REFUSED')
  }
  t.deepEqual(steps, [])
  const other = await publishFile(parts, caller, { bytes: Uint8Array.of(1), file: 'ring.raw', ...quick })
  t.is(other.nodes[0]?.outcome, 'published', 'another name is another kind of file')
  const itl = await publishFile(parts, caller, { bytes: realFile(), file: 'ITLFile.tlv', ...quick })
  t.is(itl.nodes[0]?.outcome, 'published')
})

test('a node that is not in the settings is refused with those that are', async (t) => {
  const { fresh } = await twoCtls()
  const { parts, steps } = await servedCluster(t, ['pub', 'sub'])
  await t.throwsAsync(publishFile(parts, caller, { bytes: fresh, nodes: ['sub', 'spu'] }), {
    code: 'CLUSTER_NOT_CONFIGURED',
    message: /"spu".*pub, sub/,
  })
  t.deepEqual(steps, [])
})

test('nodes that nothing was published to are read, too', async (t) => {
  const { old, fresh } = await twoCtls()
  const { parts, nodes } = await servedCluster(t, ['pub', 'sub', 'down'])
  await nodes[2]?.server.stop()
  const report = await publishFile(parts, caller, { bytes: fresh, nodes: ['pub'], ...quick })
  t.false(report.servedEverywhere)
  t.is(report.nodes.length, 1)
  t.deepEqual(report.others[0], { node: 'sub', isSame: false, served: sha256Of(old) })
  t.like(report.others[1], { node: 'down', isSame: false })
  t.truthy(report.others[1]?.problem)
  t.deepEqual(await nodes[1]?.content(), new Uint8Array(old))
})

test('several nodes may have one folder', async (t) => {
  const { fresh } = await twoCtls()
  const cluster = await servedCluster(t, ['one', 'two', 'three'])
  const [first] = cluster.nodes as [ServedNode]
  const nodes = cluster.nodes.map((node) => ({ ...first, name: node.name }))
  const report = await publishFile({ ...cluster.parts, nodes }, caller, { bytes: fresh, ...quick })
  t.deepEqual(
    report.nodes.map(({ outcome }) => outcome),
    ['published', 'published', 'published'],
  )
})

test('nothing is written whose former bytes or whose intent is not on disk', async (t) => {
  const { old, fresh } = await twoCtls()
  const { parts, nodes } = await servedCluster(t, ['pub'])
  const noStore = {
    ...parts.published,
    keep: () => Promise.reject(new BridgeError('STORE_UNUSABLE', 'The store cannot be written.')),
  }
  const withoutStore = await publishFile({ ...parts, published: noStore }, caller, { bytes: fresh })
  t.like(withoutStore.nodes[0], { outcome: 'failed', problem: { code: 'STORE_UNUSABLE' } })
  const noAudit = { append: () => Promise.reject(new BridgeError('AUDIT_NOT_WRITABLE', 'The disk is full.')) }
  const withoutAudit = await publishFile({ ...parts, audit: noAudit }, caller, { bytes: fresh })
  t.like(withoutAudit.nodes[0], { outcome: 'failed', problem: { code: 'AUDIT_NOT_WRITABLE' } })
  t.deepEqual(await nodes[0]?.content(), new Uint8Array(old))
})

test('an outcome that cannot be recorded is told with what was done', async (t) => {
  const { fresh } = await twoCtls()
  const { parts } = await servedCluster(t, ['pub'])
  let entries = 0
  const audit = {
    append: async () => {
      entries += 1
      if (entries > 1) throw new BridgeError('AUDIT_NOT_WRITABLE', 'The disk is full.')
    },
  }
  const report = await publishFile({ ...parts, audit }, caller, { bytes: fresh, ...quick })
  t.like(report.nodes[0], { outcome: 'published', problem: { code: 'AUDIT_NOT_WRITABLE' } })
})

test('a node that serves the file only after Cisco Tftp restarted is told, and restarted where that is asked', async (t) => {
  const { old, fresh } = await twoCtls()
  const cluster = await servedCluster(t, ['pub', 'sub'])
  const events: string[] = []
  const nodes = cluster.nodes.map((node) =>
    servingAfterRestart(node, (name) => events.push(`restart ${name}`)),
  )
  const onStep = ({ node, step, outcome }: { node: string; step: string; outcome?: string }) =>
    void (step === 'done' && events.push(`${outcome} ${node}`))
  const parts = { ...cluster.parts, nodes, onStep }
  const without = await publishFile(parts, caller, { bytes: fresh, patience: 0 })
  t.like(without.nodes[1], {
    outcome: 'not-served',
    served: sha256Of(old),
    problem: { code: 'PUBLISH_NOT_SERVED' },
  })
  t.is((await parts.published.get(without.nodes[1]?.kept ?? 0))?.outcome, 'not-served')
  events.length = 0
  const restarted = await publishFile(parts, caller, { bytes: fresh, restartTftp: true, ...quick })
  t.true(restarted.servedEverywhere)
  t.deepEqual(events, ['restart pub', 'published pub', 'restart sub', 'published sub'], 'one after the other')
  const restarts = (await cluster.auditLines()).filter((line) => line.startsWith('cluster.restart'))
  t.deepEqual(restarts, [
    'cluster.restart intent pub',
    'cluster.restart outcome ok pub',
    'cluster.restart intent sub',
    'cluster.restart outcome ok sub',
  ])
})

test('a restart that fails is told, and the next node is restarted all the same', async (t) => {
  const { fresh } = await twoCtls()
  const cluster = await servedCluster(t, ['pub', 'sub'])
  const [pub, sub] = cluster.nodes.map((node) => servingAfterRestart(node)) as [ServedNode, ServedNode]
  const refuse = () =>
    Promise.reject(new BridgeError('NODE_LOGIN_REFUSED', 'Wrong password.', { node: 'pub' }))
  const nodes = [{ ...pub, restartTftp: refuse }, sub]
  const parts = { ...cluster.parts, nodes }
  const report = await publishFile(parts, caller, { bytes: fresh, restartTftp: true, patience: 0 })
  t.like(report.nodes, {
    0: { outcome: 'not-served', problem: { code: 'NODE_LOGIN_REFUSED' } },
    1: { outcome: 'published' },
  })
})

test('what is seen decides where a write is not known to have been done', async (t) => {
  const { fresh } = await twoCtls()
  const cluster = await servedCluster(t, ['done', 'not'])
  const unknown = () => Promise.reject(new BridgeError('NODE_OUTCOME_UNKNOWN', 'It dropped.'))
  const nodes = cluster.nodes.map((node) => {
    const real = publisherOf(node)
    const write: Publisher['write'] =
      node.name === 'done' ? async (...given) => real.write(...given).then(unknown) : unknown
    return { ...node, way: { to: 'sftp' as const, publisher: { ...real, write } } }
  })
  const report = await publishFile({ ...cluster.parts, nodes }, caller, { bytes: fresh, patience: 0 })
  t.like(report.nodes, {
    0: { outcome: 'published' },
    1: { outcome: 'failed', problem: { code: 'NODE_OUTCOME_UNKNOWN' } },
  })
  t.false('problem' in (report.nodes[0] ?? {}))
})

test('a person is told each click, and believed when the file is served', async (t) => {
  const { old, fresh } = await twoCtls()
  const cluster = await servedCluster(t, ['pub'])
  const [pub] = cluster.nodes as [ServedNode]
  const guided = { ...pub, way: { to: 'guided' as const, steps: (file: string) => [`Upload ${file}.`] } }
  const parts = { ...cluster.parts, nodes: [guided] }
  const report = await publishFile(parts, caller, { bytes: fresh })
  const [told] = report.nodes
  t.like(told, { outcome: 'guided', servedBefore: sha256Of(old), steps: [`Upload ${FILE}.`] })
  t.false('targetBefore' in (told ?? {}))
  t.false(report.servedEverywhere)
  t.deepEqual(await parts.published.bytes(sha256Of(old)), new Uint8Array(old))
  t.deepEqual(await cluster.auditLines(), ['cluster.publish intent pub'])

  const wanted = { sha256: sha256Of(fresh), interval: 50 }
  const looks: boolean[] = []
  const early = await awaitPublished(parts, caller, { ...wanted, deadline: 200 })
  t.like(early[0], { isServed: false, served: sha256Of(old), problem: { code: 'PUBLISH_NOT_SERVED' } })
  const onProgress = ({ isServed }: { isServed: boolean }) => {
    looks.push(isServed)
    // The person, who takes a while.
    if (looks.length === 3) void pub.put(fresh)
  }
  const [seen] = await awaitPublished(parts, caller, { ...wanted, deadline: 60_000, onProgress })
  t.deepEqual(seen, { node: 'pub', isServed: true, served: sha256Of(fresh) })
  t.true(looks.length > 3)
  t.is((await parts.published.get(told?.kept ?? 0))?.outcome, 'published')
  t.deepEqual(await cluster.auditLines(), ['cluster.publish intent pub', 'cluster.publish outcome ok pub'])
  await awaitPublished(parts, caller, { ...wanted, deadline: 0 })
  t.is((await cluster.auditLines()).length, 2, 'told once')
})

test('waiting ends when nobody waits any more', async (t) => {
  const { fresh } = await twoCtls()
  const { parts } = await servedCluster(t, ['pub'])
  const end = new AbortController()
  const waiting = awaitPublished(parts, caller, {
    sha256: sha256Of(fresh),
    deadline: 3_600_000,
    signal: end.signal,
    onProgress: () => end.abort(),
  })
  t.like((await waiting)[0], { isServed: false })
})

test('a guided node that cannot be read gets no steps: there would be no copy', async (t) => {
  const { fresh } = await twoCtls()
  const cluster = await servedCluster(t, ['pub'])
  const [pub] = cluster.nodes as [ServedNode]
  await pub.server.stop()
  const guided = { ...pub, way: { to: 'guided' as const, steps: () => ['Upload.'] } }
  const report = await publishFile({ ...cluster.parts, nodes: [guided] }, caller, { bytes: fresh })
  t.is(report.nodes[0]?.outcome, 'failed')
  t.false('steps' in (report.nodes[0] ?? {}))
})
