/** A cluster of TFTP servers that nobody here wrote, each with a folder that is published to; store and audit log are real. */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { fetchNodeFile } from '../../../daemon/cluster/files/fetch-node-file.js'
import type { ShownCtl } from '../../../daemon/cluster/ports.js'
import type { ProbeNode } from '../../../daemon/cluster/publishing/choose-probed-node.js'
import { publishToDirectory } from '../../../daemon/cluster/publishing/publish-to-directory.js'
import type { PublishingParts, PublishingStep } from '../../../daemon/cluster/publishing/publishing.js'
import type { AuditHistory } from '../../../daemon/store/audit-log.js'
import { auditTable } from '../../../daemon/store/audit-table.js'
import { publishedFileTable } from '../../../daemon/store/published-file-table.js'
import { publishingProbeTable } from '../../../daemon/store/publishing-probe-table.js'
import { makeTokenlessCtl } from '../../../demo/tokenless-ctl.js'
import { now, temporaryStore } from '../../store/temporary-store.js'
import { startTftpServer, type TftpServer } from '../files/tftp-servers.js'

export const FILE = 'CTLFile.tlv'
export const caller = {
  principal: { keyId: 'k', name: 'Anna', scopes: ['operate'] as const },
  requestId: 'request-1',
}

let made: Promise<readonly Uint8Array[]> | undefined
/** Two CTLs whose signatures hold. */
export async function twoCtls(): Promise<{ readonly old: Uint8Array; readonly fresh: Uint8Array }> {
  made ??= Promise.all([makeTokenlessCtl(1_425_675_365), makeTokenlessCtl(1_425_675_366)])
  const [old = new Uint8Array(), fresh = new Uint8Array()] = await made
  return { old, fresh }
}

export interface ServedNode extends ProbeNode {
  readonly server: TftpServer
  readonly path: string
  readonly content: () => Promise<Uint8Array>
  readonly put: (bytes: Uint8Array) => Promise<void>
}

export interface ServedCluster {
  readonly parts: PublishingParts & {
    readonly nodes: readonly ServedNode[]
    readonly audit: AuditHistory
    readonly probes: ReturnType<typeof publishingProbeTable>
  }
  readonly nodes: readonly ServedNode[]
  readonly steps: PublishingStep[]
  /** `action phase outcome node` of each entry. */
  readonly auditLines: () => Promise<readonly string[]>
}

/** Each node publishes into the folder that its own server gives out; all begin with the old CTL. */
export async function servedCluster(t: ExecutionContext, names: readonly string[]): Promise<ServedCluster> {
  const { store } = await temporaryStore(t)
  const audit = auditTable(store, now, 0)
  const steps: PublishingStep[] = []
  const nodes = await Promise.all(names.map((name, index) => servedNode(t, name, index === 0)))
  const parts = {
    cluster: 'berlin',
    nodes,
    published: publishedFileTable(store, now),
    probes: publishingProbeTable(store, now),
    audit,
    onStep: (step: PublishingStep) => void steps.push(step),
  }
  const auditLines = async () =>
    (await audit.entries(undefined, 1000)).map(({ action, phase, outcome, facts }) =>
      [action, phase, outcome, facts.node].filter((part) => part !== undefined).join(' '),
    )
  return { parts, nodes, steps, auditLines }
}

async function servedNode(t: ExecutionContext, name: string, isPublisher: boolean): Promise<ServedNode> {
  const server = await startTftpServer('tftpd-hpa')
  t.teardown(server.stop)
  const path = join(server.folder, FILE)
  const put = (bytes: Uint8Array) => writeFile(path, bytes)
  await put((await twoCtls()).old)
  return {
    name,
    isPublisher,
    server,
    path,
    put,
    content: async () => new Uint8Array(await readFile(path)),
    way: { to: 'directory', publisher: publishToDirectory({ node: name, folder: server.folder }) },
    readServed: (file) =>
      fetchNodeFile({ protocol: 'tftp', host: '127.0.0.1', port: server.port, file: server.nameOf(file) }),
  }
}

/** As CUCM does: what the folder holds is served once Cisco Tftp has restarted. */
export function servingAfterRestart(
  node: ServedNode,
  onRestart: (name: string) => void = () => undefined,
): ServedNode {
  let served = node.readServed(FILE)
  return {
    ...node,
    readServed: () => served,
    restartTftp: async () => {
      onRestart(node.name)
      served = node.readServed(FILE)
    },
  }
}

/** As the command line of the publisher tells of a file. */
export const shown = (bytes: Uint8Array, isVerified = true): ShownCtl => ({
  md5: createHash('md5').update(bytes).digest('hex'),
  sha1: createHash('sha1').update(bytes).digest('hex'),
  length: bytes.length,
  isVerified,
  text: '',
})
