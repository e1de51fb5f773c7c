/** From the settings of a cluster to the nodes that publishing reaches. */
import type { Cluster, ClusterNode, PublishingTarget } from '../configuration/cluster-schema.js'
import { readSecret, readWholeSecret } from '../configuration/read-secret.js'
import type { ProbeNode } from './choose-probed-node.js'
import { uploadSteps } from './guide-upload.js'
import { publishToDirectory } from './publish-to-directory.js'
import { publishToSftp } from './publish-to-sftp.js'
import type { PublishingWay } from './publishing.js'
import { readServed } from './read-served.js'

export interface PublishingAccess {
  /** Where systemd tells of credentials. */
  readonly env: NodeJS.ProcessEnv
  readonly readFile: (node: ClusterNode, over: 'tftp' | 'http', file: string) => Promise<Uint8Array>
  /** Undefined: nobody can. */
  readonly restartTftp: (node: ClusterNode) => (() => Promise<unknown>) | undefined
}

/** Those that run TFTP. Nothing is connected to. */
export function publishingNodes(cluster: Cluster, access: PublishingAccess): readonly ProbeNode[] {
  return cluster.nodes
    .filter(({ runs }) => runs.includes('tftp'))
    .map((node) => ({
      name: node.name,
      isPublisher: node.runs.includes('publisher'),
      way: wayOf(cluster, node, access.env),
      readServed: (file) => readServed(node, (over) => access.readFile(node, over, file)),
      restartTftp: access.restartTftp(node),
    }))
}

function wayOf(cluster: Cluster, node: ClusterNode, env: NodeJS.ProcessEnv): PublishingWay | undefined {
  const usual: PublishingTarget | undefined = cluster.kind === 'cucm' ? { to: 'guided' } : undefined
  const target = node.publishing ?? usual
  switch (target?.to) {
    case undefined:
      return undefined
    case 'directory':
      return { to: 'directory', publisher: publishToDirectory({ node: node.name, folder: target.folder }) }
    case 'sftp':
      return { to: 'sftp', publisher: publishToSftp(sftpTarget(node, target, env)) }
    case 'guided': {
      const url = target.url ?? `https://${inUrl(node.address)}:${node.web_port}/cmplatform/`
      return { to: 'guided', steps: (file) => uploadSteps({ node: node.name, url }, file) }
    }
  }
}

const inUrl = (address: string): string => (address.includes(':') ? `[${address}]` : address)

function sftpTarget(
  node: ClusterNode,
  target: Extract<PublishingTarget, { to: 'sftp' }>,
  env: NodeJS.ProcessEnv,
) {
  const { host, port, user, password, private_key, passphrase, host_key, folder } = target
  return {
    node: node.name,
    host: host ?? node.address,
    port,
    user,
    folder,
    password: password && (() => readSecret(password, env)),
    privateKey: private_key && (() => readWholeSecret(private_key, env)),
    passphrase: passphrase && (() => readSecret(passphrase, env)),
    hostKey: host_key,
    oldAlgorithms: false,
  }
}
