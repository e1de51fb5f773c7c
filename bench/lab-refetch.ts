/**
 * How long the lab's phones take to fetch everything anew after a change of signer: `npm run bench -- lab [PHONES
 * [NODES]]`. The servers run in this process, the phones in another, as in `ctl-bridge lab up`; every fetch is a TFTP or
 * HTTP transfer of its own, every question to TVS and every registration a full TLS handshake.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeLabCluster } from '../lab/model/make-lab-cluster.js'
import { countOutcomes, type ResetFigures } from '../lab/phones/fleet-report.js'
import { identityOf } from '../lab/phones/phone-models.js'
import { type LabPhones, startPhones } from '../lab/phones/start-phones.js'
import { startNodeServers } from '../lab/servers/start-node-servers.js'

const [count = 2000, nodes = 3] = process.argv.slice(2).map(Number)
if (![count, nodes].every((number) => Number.isInteger(number) && number > 0)) {
  process.stderr.write('npm run bench -- lab PHONES NODES: two numbers, 2000 and 3 if left out.\n')
  process.exit(2)
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const columns = (cells: readonly string[]): string =>
  `${(cells[0] ?? '').padEnd(34)}${cells
    .slice(1)
    .map((cell) => cell.padStart(10))
    .join('')}`

function tell(what: string, { seconds, phonesPerSecond, p50, p95, bytes }: ResetFigures): void {
  const numbers = [seconds.toFixed(1), phonesPerSecond.toFixed(0), p50.toFixed(0), p95.toFixed(0)]
  say(columns([what, ...numbers, (bytes / 1e6).toFixed(1)]))
}

async function tellOutcomes(phones: LabPhones): Promise<void> {
  const { phones: records } = await phones.report()
  for (const [outcome, number] of countOutcomes(records)) say(`    ${number} ${outcome}`)
}

const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-bench-'))
// 10.5(2) begins with tokens; utils ctl update CTLFile changes the signer to CallManager (TAC 118893).
const lab = await makeLabCluster({ folder, release: '10.5.2', state: 'tokens', phones: count, nodes })
const servers = await Promise.all(lab.nodes.map((node) => startNodeServers(lab, node)))
const phones = startPhones()
try {
  await phones.connect(
    lab.nodes.map(({ address, ports }) => ({ host: address, tftp: ports.tftp, http: ports.http })),
  )
  await phones.make({ phones: lab.devices.map(identityOf), installed: {} })
  const load = loadavg()[0]?.toFixed(1)
  say(
    `${count} phones, ${nodes} nodes. Node ${process.version}, ${cpus().length} CPUs, load ${load} before.\n`,
  )
  say(columns(['', 'seconds', 'phones/s', 'p50 ms', 'p95 ms', 'MB']))
  tell('boot: everything new', await phones.reset('all'))
  tell('reset: nothing changed', await phones.reset('all'))
  await lab.updateCtlFile()
  await lab.replicated()
  await Promise.all(lab.nodes.map((node) => node.restart('Cisco Tftp')))
  tell('reset: other signer, TVS asked', await phones.reset('all'))
  await tellOutcomes(phones)
} finally {
  await phones.close()
  await Promise.all(servers.map(({ close }) => close()))
  await lab.close()
  await rm(folder, { recursive: true, force: true })
}
