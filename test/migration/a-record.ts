/** Records of migrations on paper: real files and the certificates of TAC 118893, a journal written as the runner does. */
import { createHash } from 'node:crypto'
import type { MigrationRecord } from '../../daemon/migration/migration-record.js'
import { makePlan, type WantedPlan } from '../../daemon/migration/plan/make-plan.js'
import type { Plan, Step } from '../../daemon/migration/plan/plan.js'
import { isNoPlan } from '../../daemon/migration/plan/usual.js'
import type { PlanWishes } from '../../daemon/migration/plan/wishes.js'
import { beforeName } from '../../daemon/migration/runner/artifact-names.js'
import { type RunEntry, readEntry } from '../../daemon/migration/runner/run-entry.js'
import type { KnownToken, NodeSituation, Situation } from '../../daemon/migration/situation/situation.js'
import * as files from '../trust/acceptance-files.js'
import { signedFile } from '../trust/acceptance-files.js'
import * as tac from '../trust/tac-cluster.js'

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export const tokenlessFile = signedFile(files.tokenless)
export const tokenFile = signedFile({ ...files.byTokens, timestamp: 0x54fb5397 })
export const itl = signedFile(files.itl)

export const theTokens: readonly KnownToken[] = [tac.firstToken, tac.secondToken].map(({ der }, index) => ({
  serial: `T${index + 1}`,
  label: `Token ${index + 1}`,
  isPluggedIn: index === 0,
  certificate: der,
  sha256: sha256(der),
  isCiscos: true,
}))

export const models = [
  { model: 'Cisco 7940', devices: 40, securityByDefault: false },
  { model: 'Cisco 7945', devices: 300, securityByDefault: true },
  { model: 'Cisco 9971', devices: 5, securityByDefault: undefined },
] as const

/** Which of the certificates TVS of every node knows. */
export function tvsOf(known: readonly Uint8Array[], asked: readonly Uint8Array[]): NodeSituation['tvs'] {
  const sums = new Set(known.map(sha256))
  return Object.fromEntries(
    asked.map((certificate) => {
      const isTrusted = sums.has(sha256(certificate))
      return [
        sha256(certificate),
        { seen: { isTrusted, roles: isTrusted ? [0, 3] : [], ttl: 86_400 }, at: 'tvs' },
      ]
    }),
  )
}

export const everyone = [tac.publisher, tac.newPublisher, tac.firstToken, tac.secondToken].map(
  ({ der }) => der,
)

export interface SituationWish {
  readonly ctl?: Uint8Array | 'none'
  /** Instead of `ctl`, on the subscriber. */
  readonly onSub?: Uint8Array | 'none'
  readonly known?: readonly Uint8Array[]
  readonly publishing?: NodeSituation['publishing']
  readonly over?: Partial<Situation>
}

export function aSituation(wish: SituationWish = {}): Situation {
  const { ctl = tokenlessFile, onSub = ctl, known = [tac.publisher.der], publishing = 'sftp', over } = wish
  const node = (name: string, runs: NodeSituation['runs'], file: Uint8Array | 'none'): NodeSituation => ({
    name,
    address: name === 'pub' ? '10.48.47.153' : '10.48.47.154',
    runs,
    ctl: { seen: file, at: name },
    itl: { seen: itl, at: name },
    tvs: tvsOf(known, everyone) ?? {},
    publishing,
    probe: { outcome: 'worked', at: '2026-03-01T08:00:00.000Z' },
  })
  return {
    cluster: 'krakow',
    kind: 'cucm',
    at: '2026-03-02T08:00:00.000Z',
    reach: { cli: true, axl: true, controlCenter: true },
    release: { seen: '10.5.2.10000-5', at: 'pub' },
    mode: { seen: 'mixed', at: 'pub' },
    nodes: [
      node('pub', ['publisher', 'tftp', 'tvs', 'callmanager'], ctl),
      node('sub', ['tftp', 'tvs', 'callmanager'], onSub),
    ],
    tokens: theTokens,
    models: { seen: models, at: 'pub' },
    parameters: { seen: {}, at: 'pub' },
    said: [{ code: 'BACKUP_TAKEN', by: 'Anna', at: '2026-03-02T07:00:00.000Z', note: 'DRS of last night' }],
    ...over,
  }
}

export const wishes: PlanWishes = { tokens: ['T1', 'T2'], signer: 'T1', edits: [] }

export function aPlan(id: WantedPlan, situation: Situation, more: Partial<PlanWishes> = {}): Plan {
  const plan = makePlan(id, situation, { ...wishes, ...more })
  if (isNoPlan(plan)) throw new Error(plan.impossible)
  return plan
}

/** How far the step is: told of or begun, done as far as the cluster said, or seen to be done. */
export type HowFar = 'begun' | 'acted' | 'seen'

export interface WrittenEntry {
  readonly step?: string
  readonly kind: RunEntry['kind']
  readonly by?: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** Entry after entry, a minute between them. */
export function written(entries: readonly WrittenEntry[]): RunEntry[] {
  const began = Date.parse('2026-03-02T08:01:00.000Z')
  return entries.map(({ by = 'ctl-bridge', ...entry }, index) =>
    readEntry({
      sequence: index + 1,
      at: new Date(began + index * 60_000).toISOString(),
      principal: { keyId: by === 'ctl-bridge' ? by : `key-${by}`, name: by },
      ...entry,
    }),
  )
}

export function entriesOf(step: Step, howFar: HowFar = 'seen'): WrittenEntry[] {
  const of = (kind: RunEntry['kind'], facts: WrittenEntry['facts'], by?: string): WrittenEntry => ({
    step: step.id,
    kind,
    facts,
    ...(by !== undefined && { by }),
  })
  const waits = step.actor === 'person' || ['hard-stop', 'confirm', 'wait'].includes(step.does.do)
  const acted = waits || howFar === 'begun' ? [] : [of('outcome', { result: 'done', lines: [] })]
  const went = step.does.do === 'hard-stop' ? [of('said', { statement: 'GO', note: '' }, 'Anna')] : []
  const seen = howFar === 'seen' ? [...went, of('observed', { done: true, already: false, seen: [] })] : []
  return [of('intent', { marks: {} }), ...acted, ...seen]
}

/** A migration that has come to `at`, which is as far as `howFar` says; whole without `at`. */
export function aRecord(
  plan: Plan,
  situation: Situation,
  kept: Readonly<Record<string, Uint8Array | 'none'>>,
  at?: string,
  howFar: HowFar = 'seen',
): MigrationRecord {
  const index = at === undefined ? plan.steps.length - 1 : plan.steps.findIndex(({ id }) => id === at)
  const steps = plan.steps.slice(0, index + 1)
  const entries = steps.flatMap((step) => entriesOf(step, step.id === at ? howFar : 'seen'))
  return { plan, situation, entries: written(entries), files: new Map(Object.entries(kept)) }
}

/** What `keep-files` keeps. */
export const keptBefore = ({ nodes }: Situation): Record<string, Uint8Array | 'none'> =>
  Object.fromEntries(
    nodes.flatMap(({ name, ctl, itl: list }) => [
      ...(ctl !== undefined && 'seen' in ctl ? [[beforeName(name), ctl.seen]] : []),
      ...(list !== undefined && 'seen' in list ? [[beforeName(name, 'ITLFile.tlv'), list.seen]] : []),
    ]),
  )

/** The step whose id ends so. */
export function stepOf({ steps }: Plan, end: string): Step {
  const step = steps.find(({ id }) => id.endsWith(end))
  if (step === undefined) throw new Error(`no step …${end} among ${steps.map(({ id }) => id).join(', ')}`)
  return step
}
