import type { ExecutionContext } from 'ava'
import type { LabCluster, LabNode } from '../../../lab/model/lab-cluster.js'
import type { LabOptions } from '../../../lab/model/make-lab-cluster.js'
import { type NodeServers, startNodeServers } from '../../../lab/servers/start-node-servers.js'
import { temporaryLab } from '../model/temporary-lab.js'
import type { Seat } from '../person.js'

export interface RunningLab {
  readonly lab: LabCluster
  readonly node: LabNode
  readonly servers: NodeServers
  /** Lines of the publisher's log of a service. */
  readonly lines: (service: string) => readonly string[]
}

/** A lab whose nodes listen, until the test ends. */
export async function runningLab(
  t: ExecutionContext,
  options: Omit<LabOptions, 'folder' | 'onLog'> = {},
): Promise<RunningLab> {
  const log: (readonly [node: string, service: string, line: string])[] = []
  const onLog = (node: string, service: string, line: string) => void log.push([node, service, line])
  const lab = await temporaryLab(t, { nodes: 1, ...options, onLog })
  const started = await Promise.all(
    lab.nodes.map(async (node) => {
      const servers = await startNodeServers(lab, node)
      t.teardown(servers.close)
      return servers
    }),
  )
  const [servers] = started
  if (servers === undefined) throw new Error('a lab without nodes')
  const node = lab.publisher
  const lines = (service: string) =>
    log.filter(([name, which]) => name === node.name && which === service).map(([, , line]) => line)
  return { lab, node, servers, lines }
}

export const seatAt = (lab: LabCluster, node: LabNode): Seat => ({
  url: `https://${node.address}:${node.ports.web}/`,
  ...lab.credentials,
})

/** Bytes that the node serves from now on. */
export async function put(node: LabNode, file: string, bytes: Uint8Array): Promise<void> {
  await node.writeTftp(file, bytes)
  await node.restart('Cisco Tftp')
}
