/** Gathers what the doctor says of clusters. Reads files; asks no node. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { BridgeError } from '../bridge-error.js'
import type { Cluster, Secret } from '../cluster/configuration/cluster-schema.js'
import { openClusterSettings } from '../cluster/configuration/cluster-settings.js'
import { readWholeSecret } from '../cluster/configuration/read-secret.js'
import type { ClusterFiles } from '../config.js'
import type { ClusterFacts, SettingsFault } from './cluster-facts.js'

export async function lookAtClusters(files: ClusterFiles, env: NodeJS.ProcessEnv): Promise<ClusterFacts> {
  const { clusters, problems } = openClusterSettings(files).list()
  return {
    file: files.file,
    exists: existsSync(files.file),
    faults: problems.map(faultOf),
    clusters: await Promise.all(
      clusters.map(async ({ settings, isLab }) => ({
        name: settings.name,
        nodes: settings.nodes.length,
        isLab,
        faults: await unreadableOf(settings, env),
        unpinned: unpinnedOf(settings),
      })),
    ),
  }
}

function faultOf({ code, message, place }: BridgeError): SettingsFault {
  const { file, line } = place
  return {
    code,
    detail: message,
    ...(typeof file === 'string' && { file }),
    ...(typeof line === 'number' && { line }),
  }
}

/** A credential is there only in the unit that loads it, so it is not looked for here. */
async function unreadableOf(cluster: Cluster, env: NodeJS.ProcessEnv): Promise<SettingsFault[]> {
  const targets = cluster.nodes.flatMap(({ publishing }) => (publishing?.to === 'sftp' ? [publishing] : []))
  const secrets = [
    cluster.cli?.password,
    cluster.axl?.password,
    ...targets.flatMap(({ password, private_key, passphrase }) => [password, private_key, passphrase]),
  ].filter((secret): secret is Secret & { readonly file: string } => secret !== undefined && 'file' in secret)
  const once = [...new Map(secrets.map((secret) => [secret.file, secret])).values()]
  const found = await Promise.all(once.map((secret) => faultIn(readWholeSecret(secret, env))))
  const { ca_file: ca } = cluster.tls
  const authority = ca === undefined ? undefined : await faultIn(readFile(ca), ca)
  return [...found, authority].filter((fault) => fault !== undefined)
}

async function faultIn(read: Promise<unknown>, file?: string): Promise<SettingsFault | undefined> {
  try {
    await read
    return undefined
  } catch (error) {
    if (error instanceof BridgeError) return faultOf(error)
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    const detail = `It cannot be read (${code}).`
    return { code: 'CLUSTER_NOT_CONFIGURED', detail, ...(file !== undefined && { file }) }
  }
}

function unpinnedOf({ cli, axl, tls, nodes }: Cluster): string[] {
  const hosts = [
    ...(cli !== undefined && cli.host_key === undefined ? ['cli.host_key'] : []),
    ...nodes.flatMap(({ name, publishing }) =>
      publishing?.to === 'sftp' && publishing.host_key === undefined
        ? [`publishing.host_key of ${name}`]
        : [],
    ),
  ]
  if (tls.ca_file !== undefined) return hosts
  const web = axl === undefined ? [] : nodes.filter(({ web_fingerprint }) => web_fingerprint === undefined)
  const tvs = nodes.filter(
    ({ runs, tvs_fingerprint }) => runs.includes('tvs') && tvs_fingerprint === undefined,
  )
  return [
    ...hosts,
    ...web.map(({ name }) => `web_fingerprint of ${name}`),
    ...tvs.map(({ name }) => `tvs_fingerprint of ${name}`),
  ]
}
