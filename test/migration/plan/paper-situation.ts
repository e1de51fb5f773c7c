/**
 * Situations on paper, with the files and certificates of a lab of the release: what a look at that cluster would give,
 * without sockets. Keys are made once per test file.
 */
import { createHash } from 'node:crypto'
import type { ExecutionContext } from 'ava'
import type {
  KnownToken,
  NodeSituation,
  Observed,
  Situation,
} from '../../../daemon/migration/situation/situation.js'
import type { LabCluster, LabNode, LabRelease, LabState } from '../../../lab/model/lab-cluster.js'
import { newRsaKey } from '../../../softhsm/new-key.js'
import { temporaryLab } from '../../lab/model/temporary-lab.js'

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export const NOW = new Date().toISOString()

/** 70 devices without Security By Default, 605 with, 5 of which nobody knows. */
export const models = [
  { model: 'Cisco 7940', devices: 40, securityByDefault: false },
  { model: 'Cisco Jabber for Tablet', devices: 30, securityByDefault: false },
  { model: 'Cisco 7945', devices: 600, securityByDefault: true },
  { model: 'Cisco 9971', devices: 5, securityByDefault: undefined },
] as const

export const seen = <Value>(value: Value, at = 'lab-pub'): Observed<Value> => ({ seen: value, at })
export const unseen = (why: string, at = 'lab-pub'): Observed<never> => ({ unseen: why, at })

export interface Paper {
  readonly lab: LabCluster
  readonly situation: Situation
}

/** Short ones, and the same ones for every lab: no phone sees them. */
const keys = new Map<number, ReturnType<typeof newRsaKey>>()

export function quickKeys(): () => ReturnType<typeof newRsaKey> {
  let taken = 0
  return () => {
    taken += 1
    const key = keys.get(taken) ?? newRsaKey(1024)
    keys.set(taken, key)
    return key
  }
}

const labs = new Map<string, Promise<LabCluster>>()

/** A lab per release and state serves every test that only looks. */
export async function paper(t: ExecutionContext, release: LabRelease, state: LabState): Promise<Paper> {
  const name = `${release} ${state}`
  const lab = labs.get(name) ?? temporaryLab(t, { release, state, nodes: 3, newKey: quickKeys() })
  labs.set(name, lab)
  return { lab: await lab, situation: situationOf(await lab) }
}

export const serials = ['TOKEN-1', 'TOKEN-2'] as const

export function situationOf(lab: LabCluster): Situation {
  const tokens = tokensOf(lab)
  return {
    cluster: 'lab',
    kind: 'cucm',
    at: NOW,
    reach: { cli: true, axl: true, controlCenter: true },
    release: seen(lab.version),
    mode: seen(lab.mode() === 1 ? ('mixed' as const) : ('non-secure' as const)),
    nodes: lab.nodes.map((node) => nodeOf(node, tokens)),
    tokens,
    models: seen(models),
    parameters: seen({ 'RollBackToPre8.0': 'F', TFTPFileSignatureAlgorithm: 'SHA-1' }),
    said: ['BACKUP_TAKEN', 'NOT_FIPS', 'REPLICATION_HEALTHY', 'LICENCE_PRESENT', 'CONSUMERS_INFORMED'].map(
      (code) => ({ code: code as 'BACKUP_TAKEN', by: 'Anna', at: NOW, note: '' }),
    ),
  }
}

const tokensOf = ({ tokens }: LabCluster): KnownToken[] =>
  tokens.map(({ certificate }, index) => ({
    serial: serials[index] ?? `TOKEN-${index + 1}`,
    label: `Token ${index + 1}`,
    isPluggedIn: index === 1,
    certificate,
    sha256: sha256(certificate),
    isCiscos: true,
  }))

function nodeOf(node: LabNode, tokens: readonly KnownToken[]): NodeSituation {
  const file = (name: string) => seen<Uint8Array | 'none'>(node.serve(name) ?? 'none', node.name)
  return {
    name: node.name,
    address: node.address,
    runs: [...(node.role === 'publisher' ? (['publisher'] as const) : []), 'tftp', 'tvs', 'callmanager'],
    ctl: file('CTLFile.tlv'),
    itl: file('ITLFile.tlv'),
    tvs: Object.fromEntries(
      tokens.map((token) => [token.sha256, seen({ isTrusted: true, roles: [0, 3], ttl: 86_400 }, node.name)]),
    ),
    publishing: 'sftp',
    probe: { outcome: 'worked', at: NOW },
  }
}

/** The same with one node changed. */
export const withNode = (situation: Situation, name: string, change: Partial<NodeSituation>): Situation => ({
  ...situation,
  nodes: situation.nodes.map((node) => (node.name === name ? { ...node, ...change } : node)),
})

export const withNodes = (
  situation: Situation,
  change: (node: NodeSituation) => Partial<NodeSituation>,
): Situation => ({
  ...situation,
  nodes: situation.nodes.map((node) => ({ ...node, ...change(node) })),
})
