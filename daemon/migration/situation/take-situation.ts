/** Looks at a cluster once, for a plan and its findings. Changes nothing; what does not answer is told as unseen. */
import type { ClusterNode } from '../../cluster/configuration/cluster-schema.js'
import { InTurn, type OnUnexpected } from '../../cluster/observe/ask.js'
import type { Asked } from '../../cluster/observe/observation.js'
import type { CucmService, TvsAnswer } from '../../cluster/ports.js'
import { decodeCtlFile } from '../../ctl/ctl-file.js'
import { certificateOf, functionOf } from '../../ctl/record-fields.js'
import { SAST } from '../../ctl/tags.js'
import type { PublishingProbes } from '../../store/publishing-probes.js'
import { seen, sha256 } from '../plan/ground.js'
import { parameterNames } from '../preflight/parameter-findings.js'
import type { HeldCluster } from './held-clusters.js'
import { type KnownTokens, knownTokens } from './known-tokens.js'
import { CTL_FILE, ITL_FILE, observed, observeMode, publisherOf, readFileOf } from './read-node.js'
import type { NodeSituation, Observed, Situation, Statement } from './situation.js'

export interface SituationParts {
  readonly now: () => Date
  readonly tokens: KnownTokens
  readonly probes: PublishingProbes
  /** Told of errors that are none of ours. */
  readonly onUnexpected: OnUnexpected
}

export interface SituationWish {
  readonly said: readonly Statement[]
  /** Trust lists whose certificates every TVS is asked about, beside those of tokens and of what is served. */
  readonly files?: readonly Uint8Array[]
}

export async function takeSituation(
  held: HeldCluster,
  parts: SituationParts,
  { said, files: more = [] }: SituationWish,
): Promise<Situation> {
  const { settings, axl, cli, controlCenter } = held.opened
  const at = parts.now().toISOString()
  const tokens = knownTokens(parts.tokens)
  const [whole, files] = await Promise.all([
    lookAtCluster(held, parts),
    Promise.all(settings.nodes.map((node) => lookAtFiles(held, node, parts))),
  ])
  const asked = certificatesToAsk([
    ...tokens.map(({ certificate }) => certificate),
    ...files.flatMap(({ ctl }) => listed(seen(ctl), [SAST])),
    ...files.flatMap(({ itl }) => listed(seen(itl), [SAST, CCM_AND_TFTP])),
    ...more.flatMap((file) => listed(file, [SAST])),
  ])
  const probes = await probesOf(parts.probes, settings.name, whole.release)
  const nodes = await Promise.all(
    settings.nodes.map(async (node, index): Promise<NodeSituation> => {
      const probe = probes(node.name)
      return {
        name: node.name,
        address: node.address,
        runs: node.runs,
        ...files[index],
        ...(await lookAtTvs(held, node, asked, parts)),
        ...(await lookAtServices(held, node, parts)),
        publishing: node.publishing?.to ?? 'guided',
        ...(probe && { probe }),
      }
    }),
  )
  return {
    cluster: settings.name,
    kind: settings.kind,
    at,
    reach: {
      cli: cli !== undefined,
      axl: axl !== undefined,
      controlCenter: settings.nodes.some((node) => controlCenter(node) !== undefined),
    },
    ...whole,
    nodes,
    tokens,
    said,
  }
}

const CCM_AND_TFTP = 2

type Whole = Pick<Situation, 'commandLine' | 'release' | 'mode' | 'models' | 'parameters'>

async function lookAtCluster(held: HeldCluster, { onUnexpected }: SituationParts): Promise<Whole> {
  const { axl, settings } = held.opened
  const at = publisherOf(held)
  const mode = observeMode(held)
  const configured: Observed<string> | undefined =
    settings.release === undefined ? undefined : { seen: settings.release, at: 'the settings' }
  if (axl === undefined) {
    const unseen = 'The settings have no axl.'
    return {
      release: configured ?? { unseen, at },
      mode: await mode,
      ...(await lookAtCommandLine(held)),
      models: { unseen, at },
      parameters: { unseen, at },
    }
  }
  const ask = <T>(question: () => Promise<T>) => observed(at, () => held.ask('axl', question), onUnexpected)
  // One after the other: a password that is refused is sent once.
  const release = await ask(() => axl.version())
  const models = await ask(() => axl.modelCounts())
  const names = [...parameterNames.rollback, ...parameterNames.digest]
  const parameters = await ask(() => axl.parameters(names))
  const known = 'seen' in release ? release : (configured ?? release)
  return { release: known, mode: await mode, ...(await lookAtCommandLine(held)), models, parameters }
}

/** By a command that changes nothing: a plan that needs it later stands between mode and file by then. */
async function lookAtCommandLine(held: HeldCluster): Promise<Pick<Situation, 'commandLine'>> {
  const { cli, settings } = held.opened
  if (cli === undefined || settings.kind === 'asterisk') return {}
  const answers = async () => {
    await held.ask('cli', () => cli.showCtl())
    return true as const
  }
  return { commandLine: await observed(publisherOf(held), answers) }
}

async function lookAtFiles(
  held: HeldCluster,
  node: ClusterNode,
  { onUnexpected }: SituationParts,
): Promise<Pick<NodeSituation, 'ctl' | 'itl'>> {
  if (!node.runs.includes('tftp')) return {}
  const [ctl, itl] = await Promise.all(
    [CTL_FILE, ITL_FILE].map((file) => observed(node.name, () => readFileOf(held, node, file), onUnexpected)),
  )
  return { ...(ctl && { ctl }), ...(itl && { itl }) }
}

/** Certificates of these roles; none of what is no trust list. */
function listed(file: Uint8Array | 'none' | undefined, roles: readonly number[]): Uint8Array[] {
  if (file === undefined || file === 'none') return []
  try {
    return decodeCtlFile(file).records.flatMap((record) => {
      const certificate = roles.includes(functionOf(record)) ? certificateOf(record) : undefined
      return certificate === undefined ? [] : [certificate]
    })
  } catch {
    return []
  }
}

const certificatesToAsk = (all: readonly Uint8Array[]): ReadonlyMap<string, Uint8Array> =>
  new Map(all.map((certificate) => [sha256(certificate), certificate]))

async function lookAtTvs(
  { opened }: HeldCluster,
  node: ClusterNode,
  asked: ReadonlyMap<string, Uint8Array>,
  { onUnexpected }: SituationParts,
): Promise<Pick<NodeSituation, 'tvs'>> {
  const tvs = opened.tvs(node)
  if (tvs === undefined || opened.settings.kind === 'asterisk') return {}
  const turn = new InTurn(onUnexpected)
  const answers = await Promise.all(
    [...asked].map(async ([sum, certificate]): Promise<[string, Observed<TvsAnswer>]> => {
      const answer = await turn.ask(() => tvs.verify(certificate))
      return [sum, observedFrom(answer, node.name, (said) => said)]
    }),
  )
  return { tvs: Object.fromEntries(answers) }
}

const servicesOf = ({ runs }: ClusterNode): CucmService[] => [
  ...(runs.includes('tftp') ? (['Cisco Tftp'] as const) : []),
  ...(runs.includes('callmanager') ? (['Cisco CallManager', 'Cisco CTIManager'] as const) : []),
  ...(runs.includes('tvs') ? (['Cisco Trust Verification Service'] as const) : []),
]

/** Of a node with CallManager alone this is all that is seen. */
async function lookAtServices(
  held: HeldCluster,
  node: ClusterNode,
  { onUnexpected }: SituationParts,
): Promise<Pick<NodeSituation, 'services'>> {
  const center = held.opened.controlCenter(node)
  const names = servicesOf(node)
  if (center === undefined || names.length === 0) return {}
  const turn = new InTurn(onUnexpected)
  const states = await Promise.all(
    names.map(async (name): Promise<[CucmService, Observed<string>]> => {
      const answer = await turn.ask(() => held.ask(`control-center ${node.name}`, () => center.state(name)))
      return [name, observedFrom(answer, node.name, ({ status }) => status)]
    }),
  )
  return { services: Object.fromEntries(states) }
}

function observedFrom<Answer, Value>(
  answer: Asked<Answer>,
  at: string,
  read: (answer: Answer) => Value,
): Observed<Value> {
  if (answer.state === 'answered') return { seen: read(answer.answer), at }
  return { unseen: answer.state === 'failed' ? answer.problem.detail : answer.why, at }
}

/** What the latest probe of a node at this release found. */
export async function probesOf(
  probes: PublishingProbes,
  cluster: string,
  release: Observed<string>,
): Promise<(node: string) => NodeSituation['probe']> {
  const all = await probes.all(cluster)
  const now = 'seen' in release ? release.seen : ''
  return (name) => {
    const own = all.find((probe) => probe.node === name && probe.release === now)
    return own && { outcome: own.outcome === 'fails' ? 'failed' : 'worked', at: own.at }
  }
}
