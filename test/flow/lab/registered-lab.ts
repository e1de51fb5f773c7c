/**
 * A lab whose nodes listen, opened by the product from the settings that the lab writes of itself: what stands between
 * them is the wire and that file.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { Cluster } from '../../../daemon/cluster/configuration/cluster-schema.js'
import { parseClusters } from '../../../daemon/cluster/configuration/cluster-settings.js'
import { readSecret } from '../../../daemon/cluster/configuration/read-secret.js'
import type { KnownTokenCertificate } from '../../../daemon/cluster/observe/ask-tvs.js'
import type { ClusterObservation } from '../../../daemon/cluster/observe/observation.js'
import { observeCluster } from '../../../daemon/cluster/observe/observe-cluster.js'
import { openCluster } from '../../../daemon/cluster/open-cluster.js'
import type { OpenedCluster } from '../../../daemon/cluster/opened-cluster.js'
import { readCertificate } from '../../../daemon/trust/certificate/certificate.js'
import { startCliServer } from '../../../lab/cli/cli-server.js'
import { labFolder } from '../../../lab/lab-folder.js'
import type { LabCluster } from '../../../lab/model/lab-cluster.js'
import type { LabOptions } from '../../../lab/model/make-lab-cluster.js'
import { startNodeServers } from '../../../lab/servers/start-node-servers.js'
import { registerCluster } from '../../../lab/up/register-cluster.js'
import { temporaryLab } from '../../lab/model/temporary-lab.js'

export interface RegisteredLab {
  readonly lab: LabCluster
  readonly opened: OpenedCluster
  /** With other settings than the lab's own, such as a password that is wrong. */
  readonly openWith: (change: (settings: Cluster) => Cluster) => Promise<OpenedCluster>
  readonly observe: () => Promise<ClusterObservation>
  /** Lines of the log of a service, of every node. */
  readonly lines: (service: string) => readonly string[]
}

export async function registeredLab(
  t: ExecutionContext,
  options: Omit<LabOptions, 'folder' | 'onLog'> = {},
): Promise<RegisteredLab> {
  const log: (readonly [service: string, line: string])[] = []
  const lab = await temporaryLab(t, {
    nodes: 2,
    ...options,
    onLog: (_node, service, line) => void log.push([service, line]),
  })
  let hostKey = ''
  for (const node of lab.nodes) {
    const servers = await startNodeServers(lab, node)
    t.teardown(servers.close)
    const cli = await startCliServer(lab, node)
    t.teardown(cli.close)
    if (node === lab.publisher) hostKey = cli.hostKey
  }
  const paths = labFolder(join(lab.folder, 'registered'))
  await mkdir(paths.folder, { mode: 0o700 })
  await registerCluster(paths, lab, hostKey)
  const [settings] = parseClusters(await readFile(paths.clusters, 'utf8'), paths.clusters)
  if (settings === undefined) throw new Error('the lab registered nothing')
  const openWith = async (change: (settings: Cluster) => Cluster) => {
    const opened = await openCluster(change(settings), (secret) => readSecret(secret, {}))
    t.teardown(opened.close)
    return opened
  }
  const opened = await openWith((same) => same)
  const observe = () =>
    observeCluster(opened, {
      now: () => new Date(),
      tokenCertificates: lab.tokens.map(knownToken),
      onStep: () => undefined,
      onUnexpected: (error) => t.fail(String(error)),
    })
  const lines = (service: string) => log.filter(([name]) => name === service).map(([, line]) => line)
  return { lab, opened, openWith, observe, lines }
}

function knownToken(
  { certificate: der }: { readonly certificate: Uint8Array },
  index: number,
): KnownTokenCertificate {
  const { sha256, subject } = readCertificate(der)
  return { token: `T${index + 1}`, sha256, subject, der }
}
