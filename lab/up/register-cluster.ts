/** The lab's cluster in the form that the daemon reads, with everything pinned. */
import { createHash } from 'node:crypto'
import { rename, writeFile } from 'node:fs/promises'
import { stringify } from 'smol-toml'
import type { LabFolder } from '../lab-folder.js'
import type { LabCluster, LabNode } from '../model/lab-cluster.js'

const sha256 = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex')

/** Where OS Administration of a node is. */
export const pageOf = ({ address, ports }: LabNode): string => `https://${address}:${ports.web}/cmplatform/`

/** Written whole, because the daemon may read it at any moment. `hostKey` is that of the publisher's command line. */
export async function registerCluster(paths: LabFolder, lab: LabCluster, hostKey: string): Promise<void> {
  await writeWhole(paths.password, `${lab.credentials.password}\n`)
  await writeWhole(paths.clusters, stringify({ clusters: [clusterTable(paths, lab, hostKey)] }))
}

async function writeWhole(file: string, text: string): Promise<void> {
  const part = `${file}.part`
  await writeFile(part, text, { mode: 0o600 })
  await rename(part, file)
}

function clusterTable(paths: LabFolder, lab: LabCluster, hostKey: string) {
  const { user } = lab.credentials
  const password = { file: paths.password }
  return {
    name: lab.name,
    kind: 'cucm',
    release: lab.release.includes('.') ? lab.release : `${lab.release}.0`,
    nodes: lab.nodes.map((node) => ({
      name: node.name,
      address: node.address,
      runs: [...(node.role === 'publisher' ? ['publisher'] : []), 'tftp', 'tvs', 'callmanager'],
      tftp_port: node.ports.tftp,
      http_port: node.ports.http,
      tvs_port: node.ports.tvs,
      web_port: node.ports.web,
      web_fingerprint: sha256(node.tomcat.certificate),
      tvs_fingerprint: sha256(node.tvs.certificate),
      publishing: { to: 'guided', url: pageOf(node) },
    })),
    cli: { port: lab.publisher.ports.ssh, user, password, host_key: hostKey },
    axl: { user, password },
  }
}
