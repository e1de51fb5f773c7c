/** What the control socket does. Bodies come from the command of the same version, so only their sense is checked. */
import type {
  FaultRequest,
  LabFault,
  LabStatus,
  NodeStatus,
  PhoneRequest,
  ResetRequest,
} from '../control/control-messages.js'
import type { ControlHandlers } from '../control/control-server.js'
import type { LabFolder } from '../lab-folder.js'
import { type LabCluster, type LabNode, labServices, type TvsPolicy } from '../model/lab-cluster.js'
import type { LabPhones } from '../phones/start-phones.js'
import type { LabDaemon } from './lab-daemon.js'
import type { LabTokens } from './lab-tokens.js'

export interface LabParts {
  readonly paths: LabFolder
  readonly lab: LabCluster
  readonly phones: LabPhones
  readonly tokens: LabTokens
  /** Started after the socket is open. */
  readonly daemon: () => LabDaemon | undefined
  readonly askDown: () => void
}

export function handlersOf(parts: LabParts): ControlHandlers {
  const { lab, phones } = parts
  return {
    status: async () => statusOf(parts),
    phones: () => phones.report(),
    phone: async (body) => {
      const { device } = body as PhoneRequest
      const log = await phones.log(device)
      const report = await phones.report()
      return { phone: report.phones.find((phone) => phone.device === device), log }
    },
    reset: async (body) => {
      const { which, erase } = body as ResetRequest
      if (lab.devices.length === 0) throw new Error('The lab has no phones: lab up --phones 500')
      if (erase) await phones.erase(which)
      return await phones.reset(which)
    },
    fault: async (body) => {
      const { node, fault } = body as FaultRequest
      await setFault(lab, nodeOf(lab, node), fault)
      return statusOf(parts)
    },
    tvs: async (body) => {
      const { policy } = body as { readonly policy: TvsPolicy }
      lab.setTvsPolicy(policy)
      return statusOf(parts)
    },
    down: async () => parts.askDown(),
  }
}

function nodeOf(lab: LabCluster, name: string): LabNode {
  const found = lab.nodes.find((node) => node.name === name || node.address === name)
  if (found !== undefined) return found
  throw new Error(`No node is called ${name}. There are: ${lab.nodes.map((node) => node.name).join(', ')}.`)
}

async function setFault(lab: LabCluster, node: LabNode, fault: LabFault): Promise<void> {
  switch (fault.kind) {
    case 'down':
      return node.setFaults({ down: true })
    case 'tvs-down':
      return node.setFaults({ tvsDown: true })
    case 'disk-full':
      return node.setFaults({ diskFull: true })
    case 'slow':
      return node.setFaults({ delay: fault.delay })
    case 'replication-late':
      return lab.setReplicationDelay(fault.seconds * 1000)
    case 'replace':
      await node.writeTftp('CTLFile.tlv', new Uint8Array(Buffer.from(fault.file, 'base64')))
      return await node.restart('Cisco Tftp')
    case 'none':
      lab.resetReplicationDelay()
      return node.setFaults({ down: false, tvsDown: false, diskFull: false, delay: 0 })
  }
}

export function statusOf({
  lab,
  paths,
  tokens,
  daemon,
}: Pick<LabParts, 'lab' | 'paths' | 'tokens' | 'daemon'>): LabStatus {
  const started = daemon()
  return {
    name: lab.name,
    release: lab.release,
    version: lab.version,
    mode: lab.mode() === 1 ? 'mixed' : 'non-secure',
    tvsPolicy: lab.tvsPolicy(),
    replicationSeconds: lab.replicationDelay() / 1000,
    user: lab.credentials.user,
    password: lab.credentials.password,
    passwordFile: paths.password,
    folder: paths.folder,
    nodes: lab.nodes.map(nodeStatus),
    phones: lab.devices.length,
    tokens: tokens.tokens,
    daemon: started === undefined ? null : { socket: started.socket },
  }
}

function nodeStatus(node: LabNode): NodeStatus {
  const { name, address, role, ports, faults } = node
  return {
    name,
    address,
    role,
    ports: { ...ports },
    stopped: labServices.filter((service) => !node.isRunning(service)),
    faults: [
      ...(faults.down ? ['down'] : []),
      ...(faults.tvsDown ? ['tvs-down'] : []),
      ...(faults.diskFull ? ['disk-full'] : []),
      ...(faults.delay > 0 ? [`slow=${faults.delay}`] : []),
    ],
  }
}
