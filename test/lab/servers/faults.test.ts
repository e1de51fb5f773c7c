import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect } from 'node:tls'
import test, { type ExecutionContext } from 'ava'
import { fetchNodeFile } from '../../../daemon/cluster/files/fetch-node-file.js'
import type { LabNode } from '../../../lab/model/lab-cluster.js'
import { startNodeServers } from '../../../lab/servers/start-node-servers.js'
import { temporaryLab } from '../model/temporary-lab.js'
import { put, runningLab } from './running-lab.js'
import { device, message, talkToTvs } from './tvs-talk.js'

const patient = { deadline: 100_000, patience: 2000, tries: 40 }
/** Where no answer is to come. */
const quick = { deadline: 1500, patience: 200, tries: 3 }

const fetch = (node: LabNode, protocol: 'tftp' | 'http', limits: typeof patient = patient) =>
  fetchNodeFile({ protocol, host: node.address, port: node.ports[protocol], file: 'CTLFile.tlv' }, limits)

/** Whether a TCP connection can be made. */
function isOpen(node: LabNode, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host: node.address, port })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}

const tcpPorts = ({ ports }: LabNode) => [ports.http, ports.tvs, ports.web, ports.callManager]
const openPorts = (node: LabNode) => Promise.all(tcpPorts(node).map((port) => isOpen(node, port)))

test('port 6970 gives the files that TFTP gives, and 404 for what is none', async (t) => {
  const { node } = await runningLab(t)
  const content = new Uint8Array(5000).fill(3)
  await put(node, 'CTLFile.tlv', content)
  t.deepEqual(new Uint8Array(await fetch(node, 'http')), content)
  const base = `http://${node.address}:${node.ports.http}`
  for (const path of [
    '/nothing',
    '/',
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/x',
    '/%',
    '/a%00b',
    '/a\\b',
    '//CTLFile.tlv/',
  ]) {
    t.is((await globalThis.fetch(`${base}${path}`)).status, 404, path)
  }
  t.is(
    (await globalThis.fetch(`${base}/CTLFile.tlv?x=1`, { method: 'HEAD' })).headers.get('content-length'),
    '5000',
  )
  t.is((await globalThis.fetch(`${base}/CTLFile.tlv`, { method: 'PUT', body: 'x' })).status, 405)
})

test('a node that is down answers nobody, cuts who is connected, and comes back on the same ports', async (t) => {
  const { node, servers } = await runningLab(t)
  const ports = { ...node.ports }
  const talk = await talkToTvs(t, node)
  node.setFaults({ down: true })
  t.is(await talk.hear(), undefined)
  await servers.settled()
  t.deepEqual(await openPorts(node), [false, false, false, false])
  await t.throwsAsync(fetch(node, 'tftp', quick), { code: 'NODE_TIMEOUT' })
  await t.throwsAsync(fetch(node, 'http'), { code: 'NODE_UNREACHABLE' })
  node.setFaults({ down: false })
  await servers.settled()
  t.deepEqual({ ...node.ports }, ports)
  t.deepEqual(await openPorts(node), [true, true, true, true])
  t.deepEqual(await fetch(node, 'tftp'), await fetch(node, 'http'))
})

test('a node goes down and comes up faster than it can, and ends as it was told last', async (t) => {
  const { node, servers } = await runningLab(t)
  for (let times = 0; times < 20; times++) node.setFaults({ down: times % 2 === 0 })
  await servers.settled()
  t.deepEqual(await openPorts(node), [true, true, true, true])
  node.setFaults({ down: true })
  node.setFaults({ down: false })
  node.setFaults({ down: true })
  await servers.settled()
  t.deepEqual(await openPorts(node), [false, false, false, false])
})

test('TVS down is TVS alone', async (t) => {
  const { node, servers } = await runningLab(t)
  node.setFaults({ tvsDown: true })
  await servers.settled()
  t.deepEqual(await openPorts(node), [true, false, true, true])
  t.true((await fetch(node, 'tftp')).length > 0)
  node.setFaults({ tvsDown: false })
  await servers.settled()
  const { say, hear } = await talkToTvs(t, node)
  say(message(1, 1, [device, [2, node.tvs.certificate]]))
  t.like(await hear(), { status: 0 })
})

test('a service that restarts is away meanwhile, the others are not', async (t) => {
  const { node, servers } = await runningLab(t, { restartTime: 8000 })
  const restarted = node.restart('Cisco Tftp')
  await servers.settled()
  t.deepEqual(await openPorts(node), [false, true, true, true])
  await t.throwsAsync(fetch(node, 'tftp', quick), { code: 'NODE_TIMEOUT' })
  await restarted
  await servers.settled()
  t.deepEqual(await fetch(node, 'http'), await fetch(node, 'tftp'))
})

test('a slow link delays every packet and answer, and breaks nothing', async (t) => {
  const { node } = await runningLab(t)
  await put(node, 'CTLFile.tlv', new Uint8Array(1500))
  node.setFaults({ delay: 150 })
  const took = async (work: () => Promise<unknown>): Promise<number> => {
    const from = performance.now()
    await work()
    return performance.now() - from
  }
  const slow = { deadline: 60_000, patience: 20_000, tries: 2 }
  const source = { host: node.address, file: 'CTLFile.tlv' } as const
  // At least two packets, at least a connection and an answer: it cannot be quicker, whatever else runs here.
  const tftp = () => fetchNodeFile({ ...source, protocol: 'tftp', port: node.ports.tftp }, slow)
  t.true((await took(tftp)) >= 290)
  const http = () => fetchNodeFile({ ...source, protocol: 'http', port: node.ports.http }, slow)
  t.true((await took(http)) >= 290)
  const talk = await talkToTvs(t, node)
  t.true(
    (await took(async () => {
      talk.say(message(1, 1, [device, [2, node.tvs.certificate]]))
      t.like(await talk.hear(), { status: 0 })
    })) >= 140,
  )
})

async function peerOf(t: ExecutionContext, node: LabNode): Promise<Buffer> {
  const socket = connect({
    host: node.address,
    port: node.ports.callManager,
    rejectUnauthorized: false,
    // Keys of RSA-1024, as CallManager had them.
    ciphers: 'DEFAULT:@SECLEVEL=0',
  })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket.getPeerCertificate().raw
}

test('CallManager shows its certificate, and the regenerated one once it restarted', async (t) => {
  const { lab, node, servers } = await runningLab(t, { release: '10.5.2' })
  const before = Buffer.from(node.callManager().certificate)
  t.deepEqual(await peerOf(t, node), before)
  await lab.regenerate('CallManager', node)
  t.deepEqual(await peerOf(t, node), before)
  await node.restart('Cisco CallManager')
  await servers.settled()
  t.deepEqual(await peerOf(t, node), Buffer.from(node.callManager().certificate))
})

test('servers that are closed leave their ports free for others', async (t) => {
  const lab = await temporaryLab(t, { nodes: 1 })
  const servers = await startNodeServers(lab, lab.publisher)
  const ports = { ...lab.publisher.ports }
  const talk = await talkToTvs(t, lab.publisher)
  await servers.close()
  t.is(await talk.hear(), undefined)
  t.deepEqual(await openPorts(lab.publisher), [false, false, false, false])
  // Ports that are set are taken: these, so they were free.
  const again = await startNodeServers(lab, lab.publisher)
  t.teardown(again.close)
  t.deepEqual({ ...lab.publisher.ports }, ports)
})
