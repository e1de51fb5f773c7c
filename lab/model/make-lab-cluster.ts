/** The lab's cluster: makes the keys of every node, and begins in a state. */
import { createPublicKey, randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { newRsaKey } from '../../softhsm/new-key.js'
import { issueManufacturingCa } from '../../softhsm/sast-certificate.js'
import { Cluster } from './cluster.js'
import type { KeyAndCertificate, LabCluster, LabRelease, LabState, TvsPolicy } from './lab-cluster.js'
import { makeDevices } from './lab-devices.js'
import { type NewKey, newIdentity } from './lab-identity.js'
import type { NodeKeys } from './lab-node.js'
import { releaseTraits } from './releases.js'
import { newSastIdentities } from './sast-identity.js'

export interface LabOptions {
  /** Where the disks of the nodes lie. Made when it is not there. */
  readonly folder: string
  /** Default: `lab`. */
  readonly name?: string
  /** Default: 10.5.2. */
  readonly release?: LabRelease
  /** Default: tokenless, on 9.1 tokens. */
  readonly state?: LabState
  /** Publisher and subscribers. Default: 3. */
  readonly nodes?: number
  /** Default: 0. */
  readonly phones?: number
  /** Default: either. */
  readonly tvsPolicy?: TvsPolicy
  /** Milliseconds until TVS reads a changed CTL file again. Default: 0. */
  readonly tvsDelay?: number
  /** Milliseconds until a change is on the other nodes. Default: 0. */
  readonly replicationDelay?: number
  /** Milliseconds that a service takes to start. Default: 0. */
  readonly restartTime?: number
  /** Default: true. */
  readonly hasEncryptionLicence?: boolean
  /** SAST tokens, the last inserted last. Default: two, made here. */
  readonly tokens?: readonly KeyAndCertificate[]
  /** Default: a new key each time. */
  readonly newKey?: NewKey
  /** Called after each key. */
  readonly onKey?: (made: number, total: number) => void
  readonly onLog?: (node: string, service: string, line: string) => void
}

export const MAX_NODES = 20

/** Rejects with a sentence when release and state do not go together. */
export async function makeLabCluster(options: LabOptions): Promise<LabCluster> {
  const release = options.release ?? '10.5.2'
  const state = options.state ?? (release === '9.1' ? 'tokens' : 'tokenless')
  const nodes = options.nodes ?? 3
  const name = options.name ?? 'lab'
  refuseImpossible(release, state, nodes, options.hasEncryptionLicence ?? true)
  await mkdir(options.folder, { recursive: true, mode: 0o700 })
  const names = nodeNames(name, nodes)
  const keys = await makeKeys(release, names, options)
  const cluster = new Cluster({
    name,
    release,
    folder: options.folder,
    nodes: names.map((node, index) => ({
      name: node,
      address: `127.8.8.${index + 1}`,
      role: index === 0 ? ('publisher' as const) : ('subscriber' as const),
      tftpFolder: join(options.folder, 'nodes', node, 'tftp'),
      keys: keys.nodes[index] as NodeKeys,
    })),
    newKey: options.newKey ?? newRsaKey,
    capf: keys.capf,
    itlRecovery: keys.itlRecovery,
    tokens: keys.tokens,
    devices: makeDevices(options.phones ?? 0),
    tvsPolicy: options.tvsPolicy ?? 'either',
    tvsDelay: options.tvsDelay ?? 0,
    replicationDelay: options.replicationDelay ?? 0,
    restartTime: options.restartTime ?? 0,
    hasEncryptionLicence: options.hasEncryptionLicence ?? true,
    password: randomBytes(9).toString('base64url'),
    log: options.onLog ?? (() => undefined),
  })
  await cluster.begin(state)
  return cluster
}

function refuseImpossible(release: LabRelease, state: LabState, nodes: number, licensed: boolean): void {
  const traits = releaseTraits[release]
  if (state === 'tokenless' && traits.tokenless === undefined) {
    throw new Error(`CUCM ${release} has no utils ctl, so it cannot be tokenless: say --state tokens.`)
  }
  if (state === 'tokens' && traits.besideTokens === undefined) {
    throw new Error(`CUCM ${release} takes no tokens: say --state tokenless.`)
  }
  if (!licensed && !traits.asksLicence) {
    throw new Error(`CUCM ${release} asks for no licence before mixed mode: leave --no-licence out.`)
  }
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > MAX_NODES) {
    throw new Error(`A lab has 1 to ${MAX_NODES} nodes.`)
  }
}

const nodeNames = (cluster: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => (index === 0 ? `${cluster}-pub` : `${cluster}-sub${index}`))

async function makeKeys(release: LabRelease, names: readonly string[], options: LabOptions) {
  const { firstKeyBits, certificateDigest: digest, hasItlRecovery } = releaseTraits[release]
  const [publisher = ''] = names
  const newKey = options.newKey ?? newRsaKey
  let made = 0
  const total = names.length * 3 + 1 + (hasItlRecovery ? 1 : 0)
  const make = async (commonName: string, bits: 1024 | 2048) => {
    const identity = await newIdentity({ commonName, bits, digest, newKey })
    made += 1
    options.onKey?.(made, total)
    return identity
  }
  const [nodes, capf, itlRecovery, tokens] = await Promise.all([
    Promise.all(
      names.map(async (name) => {
        const [callManager, tvs, tomcat] = await Promise.all([
          make(name, firstKeyBits),
          // Old clients apart, nobody speaks TLS with 1024 bits any more: TVS and the pages have 2048 everywhere.
          make(name, 2048),
          make(name, 2048),
        ])
        return { callManager, tvs, tomcat }
      }),
    ),
    make(`CAPF-${randomBytes(4).toString('hex')}`, firstKeyBits),
    hasItlRecovery ? make(`ITLRECOVERY_${publisher}`, 2048) : undefined,
    options.tokens ?? newSastTokens(newKey),
  ])
  return { nodes, capf, itlRecovery, tokens }
}

async function newSastTokens(newKey: NewKey): Promise<KeyAndCertificate[]> {
  const key = await newKey(2048)
  return await newSastIdentities(issueManufacturingCa(createPublicKey(key), key), newKey)
}
