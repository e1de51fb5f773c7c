/** From settings to ports: the one place that knows every adapter. Nothing is connected before it is asked. */
import { readFile } from 'node:fs/promises'
import { BridgeError } from '../bridge-error.js'
import { openAxl } from './axl/open-axl.js'
import type { Cluster, ClusterNode, Secret } from './configuration/cluster-schema.js'
import { openControlCenter } from './control-center/open-control-center.js'
import { openCucmCli } from './cucm-cli/open-cucm-cli.js'
import { fetchNodeFile } from './files/fetch-node-file.js'
import type { OpenedCluster } from './opened-cluster.js'
import type { CucmCli } from './ports.js'
import type { TlsTrust } from './tls/tls-trust.js'
import { openTvs } from './tvs/open-tvs.js'

/** Reads a password when it is needed. */
export type ReadSecret = (secret: Secret) => Promise<string>

/** Rejects with CLUSTER_NOT_CONFIGURED when the file of the setting tls.ca_file cannot be read. */
export async function openCluster(cluster: Cluster, secret: ReadSecret): Promise<OpenedCluster> {
  const caPem = await readCa(cluster)
  const trust = (node: ClusterNode, fingerprint: string | undefined): TlsTrust => ({
    node: node.name,
    caPem,
    fingerprint,
    oldest: cluster.tls.oldest,
    weakKeys: cluster.tls.weak_keys,
  })
  const publisher = cluster.nodes.find(({ runs }) => runs.includes('publisher'))
  const { axl } = cluster
  const web = (node: ClusterNode, { user, password }: NonNullable<Cluster['axl']>) => ({
    node: node.name,
    host: node.address,
    port: node.web_port,
    user,
    password: () => secret(password),
    tls: trust(node, node.web_fingerprint),
  })
  const cli = publisher && openCli(cluster, publisher, secret)
  return {
    settings: cluster,
    readFile: (node, over, file) => {
      const port = over === 'tftp' ? node.tftp_port : node.http_port
      return fetchNodeFile({ protocol: over, host: node.address, port, file })
    },
    cli,
    axl: axl && publisher && openAxl({ ...web(publisher, axl), release: cluster.release }),
    tvs: (node) => {
      if (!node.runs.includes('tvs')) return undefined
      const { name, address: host, tvs_port: port, tvs_fingerprint: fingerprint } = node
      return openTvs({ node: name, host, port, tls: trust(node, fingerprint) })
    },
    controlCenter: (node) => axl && openControlCenter(web(node, axl)),
    close: async () => cli?.close(),
  }
}

function openCli({ cli }: Cluster, { name, address }: ClusterNode, secret: ReadSecret): CucmCli | undefined {
  if (cli === undefined) return undefined
  return openCucmCli({
    node: name,
    host: address,
    port: cli.port,
    user: cli.user,
    password: () => secret(cli.password),
    hostKey: cli.host_key,
    oldAlgorithms: cli.old_algorithms,
  })
}

async function readCa({ name, tls: { ca_file: file } }: Cluster): Promise<string | undefined> {
  if (file === undefined) return undefined
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const detail = `tls.ca_file of cluster ${name} cannot be read: ${(error as Error).message}.`
    throw new BridgeError('CLUSTER_NOT_CONFIGURED', detail, { cluster: name, file, setting: 'tls.ca_file' })
  }
}
