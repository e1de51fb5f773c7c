/** A lab with servers on loopback and phones in their process, for tests. */
import { createHash } from 'node:crypto'
import type { ExecutionContext } from 'ava'
import type { LabCluster, LabNode, NodeFaults } from '../../../lab/model/lab-cluster.js'
import type { LabOptions } from '../../../lab/model/make-lab-cluster.js'
import { buildTokenCtl } from '../../../lab/model/trust-list-files.js'
import { countOutcomes } from '../../../lab/phones/fleet-report.js'
import type { PhoneDeadlines } from '../../../lab/phones/phone.js'
import { identityOf } from '../../../lab/phones/phone-models.js'
import type { PhoneRecord } from '../../../lab/phones/phone-record.js'
import { type LabPhones, startPhones } from '../../../lab/phones/start-phones.js'
import { startNodeServers } from '../../../lab/servers/start-node-servers.js'
import { temporaryLab } from '../model/temporary-lab.js'

export interface RunningLab {
  readonly lab: LabCluster
  readonly phones: LabPhones
  /** Puts a file onto every node and restarts Cisco Tftp there. */
  readonly publish: (file: string, bytes: Uint8Array) => Promise<void>
  readonly restart: (service: Parameters<LabNode['restart']>[0]) => Promise<void>
  /** Resets all phones, and reports them. */
  readonly reset: () => Promise<readonly PhoneRecord[]>
  /** A CTL signed by the lab's second token. */
  readonly tokenCtl: () => Uint8Array
  /** On every node unless said otherwise. */
  readonly setFaults: (faults: Partial<NodeFaults>, nodes?: readonly LabNode[]) => Promise<void>
}

/** Phones have booted: they hold what the nodes serve. */
export async function runningLab(
  t: ExecutionContext,
  { deadlines, ...options }: Omit<LabOptions, 'folder'> & { readonly deadlines?: PhoneDeadlines },
): Promise<RunningLab> {
  const lab = await temporaryLab(t, options)
  const servers = await Promise.all(lab.nodes.map((node) => startNodeServers(lab, node)))
  t.teardown(() => Promise.all(servers.map(({ close }) => close())).then(() => undefined))
  const phones = startPhones(deadlines)
  t.teardown(() => phones.close())
  await phones.connect(
    lab.nodes.map(({ address, ports }) => ({ host: address, tftp: ports.tftp, http: ports.http })),
  )
  await phones.make({ phones: lab.devices.map(identityOf), installed: {} })
  const restart: RunningLab['restart'] = async (service) => {
    await Promise.all(lab.nodes.map((node) => node.restart(service)))
    await Promise.all(servers.map(({ settled }) => settled()))
  }
  const reset = async () => {
    await phones.reset('all')
    return (await phones.report()).phones
  }
  await reset()
  return {
    lab,
    phones,
    restart,
    reset,
    publish: async (file, bytes) => {
      await Promise.all(lab.nodes.map((node) => node.writeTftp(file, bytes)))
      await restart('Cisco Tftp')
    },
    tokenCtl: () => tokenCtlOf(lab),
    setFaults: async (faults, nodes = lab.nodes) => {
      for (const node of nodes) node.setFaults(faults)
      await Promise.all(servers.map(({ settled }) => settled()))
    },
  }
}

function tokenCtlOf(lab: LabCluster): Uint8Array {
  const ofFile = (node: LabNode) => ({
    name: node.name,
    address: node.address,
    callManager: node.callManager(),
    tvs: node.tvs,
  })
  const material = {
    publisher: ofFile(lab.publisher),
    subscribers: lab.nodes.filter((node) => node !== lab.publisher).map(ofFile),
    capf: lab.capf(),
    itlRecovery: lab.itlRecovery(),
    timestamp: Math.floor(Date.now() / 1000),
  }
  return buildTokenCtl(material, lab.tokens, [])
}

/** Outcomes with how many phones have each, of those with and those without Security By Default. */
export function outcomes(phones: readonly PhoneRecord[]) {
  const count = (securityByDefault: boolean) =>
    Object.fromEntries(countOutcomes(phones.filter((phone) => phone.securityByDefault === securityByDefault)))
  return { withSbd: count(true), withoutSbd: count(false) }
}

export const registrations = (phones: readonly PhoneRecord[]): readonly string[] => [
  ...new Set(phones.map(({ registration }) => registration)),
]

/** As a phone of this model shows it. */
export const shownChecksum = (bytes: Uint8Array, { shows }: PhoneRecord): string =>
  createHash(shows).update(bytes).digest('hex')
