/**
 * What every node of a cluster serves and says now. Nodes are asked in parallel, each way of a node by itself;
 * nothing is changed, and nothing is asked twice.
 */
import { parseRelease, rulesOf } from '../../trust/verify/sast-by-release.js'
import { serverCertificates } from '../../trust/verify/server-certificates.js'
import type { Cluster, ClusterNode } from '../configuration/cluster-schema.js'
import type { OpenedCluster } from '../opened-cluster.js'
import { InTurn, type OnUnexpected } from './ask.js'
import { askPublisher } from './ask-publisher.js'
import { askTvs, type CertificateToAsk, certificatesToAsk, type KnownTokenCertificate } from './ask-tvs.js'
import { answerOf, compareNodes } from './compare-nodes.js'
import type {
  ClusterFacts,
  ClusterObservation,
  NodeObservation,
  ObservedFile,
  ServedCopy,
  ServedFile,
  TvsReading,
} from './observation.js'
import { type ReadCopy, readNodes } from './read-nodes.js'
import { type ReadFile, type ReadingOptions, readServedFile } from './read-served-file.js'
import { type ObservationStep, Steps } from './steps.js'
import { unansweredOf } from './unanswered.js'

export interface ObserveParts {
  readonly now: () => Date
  /** Certificates of the tokens that are plugged in here or were. */
  readonly tokenCertificates: readonly KnownTokenCertificate[]
  readonly onStep: (step: ObservationStep) => void
  readonly onUnexpected: OnUnexpected
}

export async function observeCluster(
  opened: OpenedCluster,
  { now, tokenCertificates, onStep, onUnexpected }: ObserveParts,
): Promise<ClusterObservation> {
  const { settings } = opened
  const at = now()
  const steps = new Steps(onStep)
  const [copies, publisher] = await Promise.all([
    readNodes(opened, steps, onUnexpected),
    askPublisher(opened, steps, onUnexpected),
  ])
  const release = answerOf(publisher.release.asked) ?? settings.release
  const files = readFiles(copies, readingOptions(settings, at, release, tokenCertificates))
  const certificates = settings.kind === 'cucm' ? certificatesToAsk(files.values(), tokenCertificates) : []
  const readings = await askEveryTvs(opened, certificates, steps, onUnexpected)
  const facts: ClusterFacts = {
    cluster: settings.name,
    kind: settings.kind,
    at: at.toISOString(),
    milliseconds: now().getTime() - at.getTime(),
    ...publisher,
    ...(settings.release !== undefined && { configuredRelease: settings.release }),
    nodes: settings.nodes.map((node) => observedNode(node, copies, files, readings)),
    files: ctlsFirst([...new Set(files.values())].map((file) => file.facts)),
    certificates: certificates.map(({ der: _der, ...certificate }) => certificate),
  }
  return { ...facts, disagreements: compareNodes(facts), unanswered: unansweredOf(facts) }
}

function readingOptions(
  { kind }: Cluster,
  at: Date,
  release: string | undefined,
  tokens: readonly KnownTokenCertificate[],
): ReadingOptions {
  const parsed = release === undefined ? undefined : parseRelease(release)
  const rules = kind === 'cucm' && parsed ? rulesOf(parsed) : undefined
  return {
    at,
    clusterKind: kind,
    ...(rules && { release: rules }),
    tokenOf: (sha256) => tokens.find((known) => known.sha256 === sha256)?.token,
  }
}

/** By the copy that a node gave; equal bytes of one kind are read once. */
type ReadFiles = ReadonlyMap<ReadCopy, ReadFile>

function readFiles(copies: readonly ReadCopy[], options: ReadingOptions): ReadFiles {
  const known = new Map<string, ReadFile>()
  const found = new Map<ReadCopy, ReadFile>()
  const itls = copies.flatMap(({ kind, asked }) => (kind === 'itl' ? (answerOf(asked) ?? []) : []))
  const reading = { ...options, servers: itls.flatMap(serverCertificates) }
  for (const copy of copies) {
    const { kind, asked } = copy
    const bytes = answerOf(asked)
    if (bytes === undefined || bytes === null) continue
    const id = `${kind} ${Buffer.from(bytes).toString('latin1')}`
    const file = known.get(id) ?? readServedFile(bytes, kind, reading)
    known.set(id, file)
    found.set(copy, file)
  }
  return found
}

const ctlsFirst = (files: readonly ServedFile[]): ServedFile[] =>
  ['ctl', 'itl'].flatMap((kind) => files.filter((file) => file.kind === kind))

async function askEveryTvs(
  opened: OpenedCluster,
  certificates: readonly CertificateToAsk[],
  steps: Steps,
  onUnexpected: OnUnexpected,
): Promise<ReadonlyMap<ClusterNode, readonly TvsReading[]>> {
  const asking = opened.settings.nodes.map(async (node) => {
    const tvs = opened.tvs(node)
    const parts = { steps, turn: new InTurn(onUnexpected) }
    return [node, tvs === undefined ? [] : await askTvs(node, tvs, certificates, parts)] as const
  })
  return new Map(await Promise.all(asking))
}

function observedNode(
  node: ClusterNode,
  copies: readonly ReadCopy[],
  files: ReadFiles,
  readings: ReadonlyMap<ClusterNode, readonly TvsReading[]>,
): NodeObservation {
  const own = (kind: ObservedFile): ServedCopy[] =>
    copies
      .filter((copy) => copy.node === node && copy.kind === kind)
      .map((copy) => ({ over: copy.over, asked: named(copy, files) }))
  const { name, address, runs } = node
  return { name, address, runs, ctl: own('ctl'), itl: own('itl'), tvs: readings.get(node) ?? [] }
}

/** The bytes by their SHA-256. */
function named(copy: ReadCopy, files: ReadFiles): ServedCopy['asked'] {
  const { asked } = copy
  if (asked.state !== 'answered') return asked
  return { state: 'answered', answer: files.get(copy)?.facts.sha256 ?? null }
}
