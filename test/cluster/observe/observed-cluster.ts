/** A cluster of three nodes whose ports are doubles: each test says what they answer. */
import { BridgeError } from '../../../daemon/bridge-error.js'
import { type Cluster, clusterSchema } from '../../../daemon/cluster/configuration/cluster-schema.js'
import type { ClusterSettings } from '../../../daemon/cluster/configuration/cluster-settings.js'
import type { KnownTokenCertificate } from '../../../daemon/cluster/observe/ask-tvs.js'
import type { ClusterObservation } from '../../../daemon/cluster/observe/observation.js'
import { observeCluster } from '../../../daemon/cluster/observe/observe-cluster.js'
import type { ObservationStep } from '../../../daemon/cluster/observe/steps.js'
import type { OpenedCluster } from '../../../daemon/cluster/opened-cluster.js'
import type {
  Axl,
  CucmCli,
  CucmService,
  ServiceState,
  ShownCtl,
  TvsAnswer,
} from '../../../daemon/cluster/ports.js'

export const threeNodes: Cluster = clusterSchema.parse({
  name: 'krakow',
  kind: 'cucm',
  release: '10.5.1',
  nodes: [
    { name: 'pub', address: '10.48.47.153', runs: ['publisher', 'tftp', 'tvs'] },
    { name: 'sub1', address: '10.48.47.154', runs: ['tftp', 'tvs', 'callmanager'] },
    { name: 'sub2', address: '10.48.47.155', runs: ['callmanager'] },
  ],
})

/** The settings as the desk reads them. */
export function settingsOf(...clusters: Cluster[]): ClusterSettings {
  const configured = clusters.map((settings) => ({ settings, file: '/etc/clusters.toml', isLab: false }))
  return {
    list: () => ({ clusters: configured, problems: [] }),
    get: (name) => {
      const found = configured.find(({ settings }) => settings.name === name)
      if (found === undefined) throw new BridgeError('CLUSTER_UNKNOWN', 'No such cluster.', { cluster: name })
      return found
    },
  }
}

export interface Doubles {
  readonly settings?: Cluster
  /** `pub tftp CTLFile.tlv` → bytes; what is not named is not there. An error is thrown. */
  readonly files?: Readonly<Record<string, Uint8Array | Error>>
  readonly axl?: Partial<Axl>
  readonly cli?: Partial<CucmCli>
  readonly tvs?: (node: string, certificate: Uint8Array) => Promise<TvsAnswer>
  readonly controlCenter?: (node: string, service: CucmService) => Promise<ServiceState>
}

export const trusted: TvsAnswer = { isTrusted: true, roles: [0, 3], ttl: 86_400 }
export const untrusted: TvsAnswer = { isTrusted: false, roles: [], ttl: undefined }
export const nodeError = (
  code: 'NODE_UNREACHABLE' | 'NODE_LOGIN_REFUSED' | 'NODE_ANSWER_WRONG',
  node: string,
) => new BridgeError(code, `A double says ${code}.`, { node })

export const shownCtl = (shown: Partial<ShownCtl>): ShownCtl => ({
  md5: undefined,
  sha1: undefined,
  length: 0,
  isVerified: false,
  text: '',
  ...shown,
})

const unset = (): Promise<never> => Promise.reject(new Error('the test did not expect this question'))

const silentAxl: Axl = {
  version: async () => '10.5.1.10000-7',
  securityMode: async () => 'mixed',
  nodes: async () => [
    { name: 'EnterpriseWideData', role: 'CUCM Voice/Video' },
    { name: 'PUB.example.com', role: 'CUCM Voice/Video' },
    { name: '10.48.47.154', role: 'CUCM Voice/Video' },
    { name: 'sub2', role: 'CUCM Voice/Video' },
    { name: 'imp1', role: 'CUCM IM and Presence' },
  ],
  modelCounts: async () => [
    { model: 'Cisco 7945', devices: 120, securityByDefault: true },
    { model: 'Cisco 7960', devices: 4, securityByDefault: false },
    { model: 'Third-party SIP', devices: 1, securityByDefault: undefined },
  ],
  deviceModels: unset,
  parameters: unset,
}

const silentCli: CucmCli = {
  showCtl: async () => shownCtl({}),
  securityMode: async () => 'mixed',
  setSecurityMode: unset,
  updateCtlFile: unset,
  resetLocalKey: unset,
  listTftpFiles: unset,
  deleteTftpFile: unset,
  deleteStaleCtl: unset,
  pushTftpFile: unset,
  restartService: unset,
  close: async () => undefined,
}

export function openDoubles({
  settings = threeNodes,
  files = {},
  axl,
  cli,
  tvs,
  controlCenter,
}: Doubles): OpenedCluster {
  return {
    settings,
    readFile: async (node, over, file) => {
      const found = files[`${node.name} ${over} ${file}`]
      if (found instanceof Error) throw found
      if (found !== undefined) return found
      throw new BridgeError('NODE_HAS_NO_FILE', 'No such file.', { node: node.name, file })
    },
    cli: cli && { ...silentCli, ...cli },
    axl: axl && { ...silentAxl, ...axl },
    tvs: ({ name, runs }) =>
      runs.includes('tvs')
        ? { verify: (certificate) => (tvs ?? (async () => trusted))(name, certificate) }
        : undefined,
    controlCenter: ({ name }) =>
      controlCenter && { restart: unset, state: (service) => controlCenter(name, service) },
    close: async () => undefined,
  }
}

/** The same CTL over both ways of every TFTP node. */
export const everywhere = (ctl: Uint8Array): Record<string, Uint8Array> =>
  Object.fromEntries(
    ['pub tftp', 'pub http', 'sub1 tftp', 'sub1 http'].map((copy) => [`${copy} CTLFile.tlv`, ctl]),
  )

export interface Observed extends ClusterObservation {
  readonly steps: readonly ObservationStep[]
  readonly unexpected: readonly unknown[]
}

export async function observe(
  doubles: Doubles,
  tokenCertificates: readonly KnownTokenCertificate[] = [],
): Promise<Observed> {
  const steps: ObservationStep[] = []
  const unexpected: unknown[] = []
  const observation = await observeCluster(openDoubles(doubles), {
    now: () => new Date('2015-03-07T00:00:00Z'),
    tokenCertificates,
    onStep: (step) => steps.push(step),
    onUnexpected: (error) => unexpected.push(error),
  })
  return { ...observation, steps, unexpected }
}

export const codesOf = ({ disagreements }: ClusterObservation): string[] =>
  disagreements.map(({ code }) => code)
