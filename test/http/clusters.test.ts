/** Clusters over the API, with servers that somebody else wrote and folders as publishing targets. */
import { createHash } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import test from 'ava'
import { clusterListSchema, clusterViewSchema } from '../../daemon/http/schemas/cluster-schemas.js'
import { clusterObservationSchema } from '../../daemon/http/schemas/observation-schemas.js'
import {
  awaitedSchema,
  probeReportSchema,
  publishedFileListSchema,
  publishReportSchema,
} from '../../daemon/http/schemas/publication-schemas.js'
import { type Pbx, startPbx, writeClusters } from '../cluster/a-pbx.js'
import { type Ask, ask, type Bench, setUpBench } from '../flow/bench.js'
import { eventsWhile, until } from '../flow/events-while.js'
import { tacFile } from '../vectors/tac-files.js'

/** One bench for the file: the tests run one after the other, each from folders that it empties. */
let bench: Bench
let pbx: Pbx
test.before(async () => {
  bench = await setUpBench()
  pbx = await startPbx()
})
test.after.always(async () => {
  await pbx?.stop()
  await bench?.close()
})
test.beforeEach(async () => {
  for (const folder of [pbx.first, pbx.second]) {
    for (const file of await readdir(folder)) await rm(join(folder, file))
  }
  await writeClusters(bench.folder, pbx.settings, pbx.withDeadNode)
})

const tokens = tacFile('token-signed')
const tokenless = tacFile('tokenless')
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const call = (path: string, asked: Ask = {}) =>
  ask(bench.daemon.url, path, { key: bench.daemon.key, ...asked })
const post = (path: string) => call(path, { method: 'POST' })
const octets = { 'Content-Type': 'application/octet-stream' }
const publish = (query: string, body: Uint8Array, headers: Record<string, string> = {}) =>
  call(`/v1/clusters/pbx/publish?${query}`, { method: 'POST', body, headers: { ...octets, ...headers } })
const onDisk = (folder: string) => readFile(join(folder, 'CTLFile.tlv'))

const eventsOf = <T>(last: string, work: () => Promise<T>) => eventsWhile(bench, last, work)

test.serial('the list and a cluster say where things are, and their schemas hold', async (t) => {
  const list = await call('/v1/clusters')
  t.is(clusterListSchema.safeParse(list.json).error, undefined)
  t.deepEqual(
    list.json.clusters.map(({ name }: { name: string }) => name),
    ['half-dead', 'pbx'],
  )
  const { json } = await call('/v1/clusters/pbx')
  t.is(clusterViewSchema.safeParse(json).error, undefined)
  t.deepEqual(json.nodes[0].publishing, { to: 'directory', folder: pbx.first })
  t.is(json.nodes[0].reads.length, 2)
  t.is(json.nodes[1].reads.length, 1)
  t.like((await call('/v1/clusters/nowhere')).json, { code: 'CLUSTER_UNKNOWN', status: 404 })
})

test.serial('where passwords and keys are stays out of the answers', async (t) => {
  await writeClusters(bench.folder, {
    ...pbx.settings,
    nodes: [
      {
        name: 'first',
        address: '127.0.0.1',
        runs: ['tftp'],
        publishing: {
          to: 'sftp',
          user: 'tftp',
          password: { file: '/etc/secret-place' },
          host_key: `SHA256:${'A'.repeat(43)}`,
          folder: '/srv/tftp',
        },
      },
    ],
  })
  const { json, bytes } = await call('/v1/clusters/pbx')
  t.deepEqual(json.nodes[0].publishing, {
    to: 'sftp',
    host: '127.0.0.1',
    port: 22,
    user: 'tftp',
    folder: '/srv/tftp',
  })
  t.false(bytes.toString().includes('secret'))
})

test.serial('settings that are wrong are told, with their place, and the daemon goes on', async (t) => {
  await writeFile(join(bench.folder, 'clusters.toml'), '[[clusters]]\nname = "pbx"\n', { mode: 0o600 })
  const { json } = await call('/v1/clusters')
  t.is(clusterListSchema.safeParse(json).error, undefined)
  t.deepEqual(json.clusters, [])
  t.is(json.problems[0].code, 'CONFIG_INVALID')
  t.is((await post('/v1/clusters/pbx/observe')).json.code, 'CONFIG_INVALID')
})

test.serial('an observation tells what each server really gives out', async (t) => {
  await writeFile(join(pbx.first, 'CTLFile.tlv'), tokens)
  await writeFile(join(pbx.second, 'CTLFile.tlv'), tokenless)
  const { result, events } = await eventsOf('cluster.observed', () => post('/v1/clusters/pbx/observe'))
  t.is(result.status, 200)
  t.is(clusterObservationSchema.safeParse(result.json).error, undefined)
  const [first, second] = result.json.nodes
  const answers = (copies: { over: string; asked: { answer: string } }[]) =>
    copies.map(({ over, asked }) => [over, asked.answer])
  t.deepEqual(answers(first.ctl), [
    ['tftp', sha256(tokens)],
    ['http', sha256(tokens)],
  ])
  t.deepEqual(answers(first.itl), [
    ['tftp', null],
    ['http', null],
  ])
  t.deepEqual(answers(second.ctl), [['tftp', sha256(tokenless)]])
  t.deepEqual(
    result.json.disagreements.map(({ code }: { code: string }) => code),
    ['CTL_DIFFERS'],
  )
  t.deepEqual(result.json.unanswered, [])
  const steps = events.filter(({ type }) => type === 'cluster.observing')
  t.is(steps.length, 6)
  t.like(steps.at(-1)?.data, { cluster: 'pbx', done: 6, of: 6 })
  t.like(events.find(({ type }) => type === 'cluster.observed')?.data, { cluster: 'pbx', disagreements: 1 })
})

test.serial('a node that does not answer is told and hides nothing', async (t) => {
  await writeFile(join(pbx.first, 'CTLFile.tlv'), tokens)
  const { status, json } = await post('/v1/clusters/half-dead/observe')
  t.is(status, 200)
  t.deepEqual(
    json.unanswered.map(({ node, question }: { node: string; question: string }) => `${node} ${question}`),
    ['dead CTL over TFTP', 'dead ITL over TFTP'],
  )
  t.regex(json.unanswered[0].problem.code, /^NODE_(UNREACHABLE|TIMEOUT)$/)
  t.is(json.files.length, 1)
})

test.serial('a file goes onto every node, is read back, and what was there is kept', async (t) => {
  await writeFile(join(pbx.first, 'CTLFile.tlv'), tokenless)
  const { result, events } = await eventsOf('cluster.published', () => publish('', tokens))
  t.is(result.status, 200)
  t.is(publishReportSchema.safeParse(result.json).error, undefined)
  t.deepEqual(
    result.json.nodes.map(({ node, outcome }: Record<string, string>) => [node, outcome]),
    [
      ['first', 'published'],
      ['second', 'published'],
    ],
  )
  t.true(result.json.servedEverywhere)
  t.deepEqual(await onDisk(pbx.first), Buffer.from(tokens))
  t.deepEqual(await onDisk(pbx.second), Buffer.from(tokens))
  t.true(events.some(({ type, data }) => type === 'cluster.publishing' && data.step === 'writing'))
  t.like(events.find(({ type }) => type === 'cluster.published')?.data, { sha256: sha256(tokens) })

  const { json: list } = await call('/v1/clusters/pbx/files')
  t.is(publishedFileListSchema.safeParse(list).error, undefined)
  const entryOf = (node: string) => list.files.find((entry: { node: string }) => entry.node === node).id
  const kept = await call(`/v1/clusters/pbx/files/${entryOf('first')}`)
  t.deepEqual(kept.bytes, Buffer.from(tokenless))
  t.regex(String(kept.headers['content-disposition']), /CTLFile\.tlv/)
  const sent = await call(`/v1/clusters/pbx/files/${entryOf('second')}?which=published`)
  t.deepEqual(sent.bytes, Buffer.from(tokens))
  const none = await call(`/v1/clusters/pbx/files/${entryOf('second')}`)
  t.like(none.json, { code: 'PUBLISH_ENTRY_UNKNOWN', status: 404 })
  t.regex(none.json.detail, /had no such file/)
  // Not by another cluster's name, and not by a number that is none.
  for (const path of [`other/files/${entryOf('first')}`, 'pbx/files/0', 'pbx/files/1e3']) {
    t.is((await call(`/v1/clusters/${path}`)).json.code, 'PUBLISH_ENTRY_UNKNOWN', path)
  }
})

test.serial('one node alone: the others are looked at and left as they are', async (t) => {
  await writeFile(join(pbx.first, 'CTLFile.tlv'), tokenless)
  const { json } = await publish('nodes=second', tokens)
  t.false(json.servedEverywhere)
  t.like(json.others[0], { node: 'first', isSame: false, served: sha256(tokenless) })
  t.deepEqual(await onDisk(pbx.first), Buffer.from(tokenless))
  t.is((await publish('nodes=third', tokens)).json.code, 'CLUSTER_NOT_CONFIGURED')
})

test.serial('a file whose signature does not hold is refused and nothing is written', async (t) => {
  const broken = Uint8Array.from(tokens)
  broken[3000] = (broken[3000] ?? 0) ^ 1
  const before = (await call('/v1/clusters/pbx/files')).json.files.length
  for (const [query, body] of [
    ['', broken],
    ['', Uint8Array.of(1, 2, 3)],
    ['file=../../etc/passwd', tokens],
    ['file=.hidden', tokens],
  ] as const) {
    t.is((await publish(query, body)).status, 422, query)
  }
  t.deepEqual([...(await readdir(pbx.first)), ...(await readdir(pbx.second))], [])
  t.is((await call('/v1/clusters/pbx/files')).json.files.length, before)
})

test.serial('the same Idempotency-Key gives the same answer and writes once', async (t) => {
  const headers = { 'Idempotency-Key': 'one-night' }
  const first = await publish('', tokens, headers)
  await rm(join(pbx.first, 'CTLFile.tlv'))
  const again = await publish('', tokens, headers)
  t.deepEqual(again.json, first.json)
  t.deepEqual(await readdir(pbx.first), [])
  t.is((await publish('', tokenless, headers)).json.code, 'IDEMPOTENCY_KEY_REUSED')
})

test.serial('what changes something needs a key with operate, looking one with read', async (t) => {
  const open = await call('/v1/openapi.json')
  const scopeOf = (path: string) => open.json.paths[`/v1/clusters/{name}${path}`]
  t.is(scopeOf('/publish').post['x-scope'], 'operate')
  t.is(scopeOf('/probe').post['x-scope'], 'operate')
  t.is(scopeOf('/await').post['x-scope'], 'operate')
  t.is(scopeOf('/observe').post['x-scope'], 'read')
})

test.serial('a second change is refused while one is under way, and shows in the list', async (t) => {
  const slow = call('/v1/clusters/half-dead/publish', { method: 'POST', body: tokens, headers: octets })
  await until(async () => (await call('/v1/clusters/half-dead')).json.doing === 'publication')
  const second = await post('/v1/clusters/half-dead/probe')
  t.like(second.json, { code: 'CLUSTER_BUSY', status: 409, at: { cluster: 'half-dead' } })
  t.is((await publish('', tokens)).status, 200, 'another cluster is free')
  const { json } = await slow
  t.is(json.nodes.find(({ node }: { node: string }) => node === 'first').outcome, 'published')
  t.is((await call('/v1/clusters/half-dead')).json.doing, undefined)
})

test.serial('a client that leaves in the middle leaves a whole file behind', async (t) => {
  const { events } = await eventsOf('cluster.published', async () => {
    const { port } = new URL(bench.daemon.url)
    const call = request({
      host: '127.0.0.1',
      port,
      method: 'POST',
      path: '/v1/clusters/half-dead/publish',
      headers: { ...octets, Authorization: `Bearer ${bench.daemon.key}`, 'Content-Length': tokens.length },
    })
    call.on('error', () => undefined)
    call.end(tokens)
    await until(
      async () =>
        (await ask(bench.daemon.url, '/v1/clusters/half-dead', { key: bench.daemon.key })).json.doing !==
        undefined,
    )
    call.destroy()
    await until(
      async () =>
        (await ask(bench.daemon.url, '/v1/clusters/half-dead', { key: bench.daemon.key })).json.doing ===
        undefined,
    )
  })
  t.is(events.at(-1)?.type, 'cluster.published')
  t.deepEqual(await onDisk(pbx.first), Buffer.from(tokens))
  t.deepEqual(await onDisk(pbx.second), Buffer.from(tokens))
})

test.serial('waiting ends when a person has put the file there, or with the time', async (t) => {
  const wait = post(`/v1/clusters/pbx/await?sha256=${sha256(tokens)}&seconds=60`)
  await writeFile(join(pbx.first, 'CTLFile.tlv'), tokens)
  await writeFile(join(pbx.second, 'CTLFile.tlv'), tokens)
  const { json } = await wait
  t.is(awaitedSchema.safeParse(json).error, undefined)
  t.true(json.nodes.every(({ isServed }: { isServed: boolean }) => isServed))
  const never = await post(`/v1/clusters/pbx/await?sha256=${sha256(tokenless)}&seconds=1&nodes=second`)
  t.deepEqual(
    never.json.nodes.map(({ node, isServed }: Record<string, unknown>) => [node, isServed]),
    [['second', false]],
  )
})

test.serial('a probe writes the file over itself, and is remembered', async (t) => {
  await writeFile(join(pbx.second, 'CTLFile.tlv'), tokens)
  const { status, json } = await post('/v1/clusters/pbx/probe?node=second')
  t.is(status, 200)
  t.is(probeReportSchema.safeParse(json).error, undefined)
  t.like(json, { node: 'second', outcome: 'works', sha256: sha256(tokens) })
  t.deepEqual(await onDisk(pbx.second), Buffer.from(tokens))
  const { probes } = (await call('/v1/clusters/pbx')).json
  t.like(probes[0], { node: 'second', outcome: 'works' })
  const nothing = await post('/v1/clusters/pbx/probe?node=first')
  t.like(nothing.json, { outcome: 'fails', problem: { code: 'NODE_HAS_NO_FILE' } })
})

test.serial('a daemon that is told to stop in the middle lets the write end', async (t) => {
  const other = await setUpBench()
  t.teardown(() => other.close())
  await writeClusters(other.folder, pbx.withDeadNode)
  const { key, url } = other.daemon
  const cut = ask(url, '/v1/clusters/half-dead/publish', {
    method: 'POST',
    key,
    body: tokens,
    headers: octets,
  }).catch(() => undefined)
  await until(async () => (await ask(url, '/v1/clusters/half-dead', { key })).json.doing !== undefined)
  t.deepEqual(await readdir(pbx.first), [], 'nothing is written yet: the dead node is asked first')
  await other.daemon.stop()
  await cut
  t.is(other.daemon.exitCode(), 0)
  t.deepEqual(await onDisk(pbx.first), Buffer.from(tokens))
  t.deepEqual(await onDisk(pbx.second), Buffer.from(tokens))
})
