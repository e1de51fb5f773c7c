/** Which phones take a file, for each file that they may hold by now. Pure; by the rules of `trust/phones`. */
import type { ModelCount } from '../../cluster/ports.js'
import type { AcceptanceReason, AcceptanceRule } from '../../trust/phones/acceptance-rules.js'
import { type DeviceClass, phoneAcceptance } from '../../trust/phones/phone-acceptance.js'
import type { TrustList } from '../../trust/phones/trust-list.js'
import { knownTrustList } from '../known-trust-list.js'

export interface PredictionRequest {
  /** Files by name that phones may hold; `none` for phones without one, `unknown` where the bytes are not known. */
  readonly held: Readonly<Record<string, Uint8Array | 'none' | 'unknown'>>
  /** Several where nodes are to serve different ones; `none`: nodes will serve no CTL. */
  readonly offered: Uint8Array | 'none' | readonly (Uint8Array | 'none')[]
  /** Several where nodes serve different ones: each lists its own node's certificates. */
  readonly itl: Uint8Array | 'none' | 'not given' | readonly (Uint8Array | 'none')[]
  /** Certificates (DER) that every TVS vouches for as SAST. */
  readonly vouched: readonly Uint8Array[] | 'not asked'
  /** Those that some TVS nodes vouch for, and others do not or did not answer. */
  readonly vouchedBySome?: readonly Uint8Array[]
  readonly models: readonly ModelCount[]
}

/** What `trust/phones` says, and what only files of a whole cluster bring about. */
export type PredictionReason = AcceptanceReason | keyof typeof clusterRules

export interface Prediction extends AcceptanceRule {
  readonly reason: PredictionReason
  readonly detail: string
  readonly notes: readonly string[]
}

export interface PredictedRow {
  readonly holds: string
  readonly model: string
  /** Undefined: nobody counted them. */
  readonly devices: number | undefined
  readonly acceptance: Prediction
}

const clusterRules = {
  FILE_NOT_KNOWN: {
    answer: 'unknown',
    sure: 'unknown',
    remedy: 'Read the CTL checksum on the screen of some of these phones, and look what each node serves.',
    sources: [],
  },
  /** The other state that a way back can lead to: what a phone holds is taken from it on the phone alone. */
  KEEPS_ITS_FILE: {
    answer: 'refuses',
    sure: 'inferred',
    remedy:
      'Such a phone goes on with its file, and takes a later one if a SAST of that file signed it. To take the file from it, delete it on the phone.',
    sources: ['TAC 118892 (mixed mode to non-secure)'],
  },
  NONE_AS_BEFORE: { answer: 'accepts', sure: 'inferred', remedy: 'Nothing.', sources: [] },
  NODES_DIFFER: {
    answer: 'unknown',
    sure: 'unknown',
    remedy: 'Look which node these phones ask, and have all nodes answer alike first.',
    sources: [],
  },
} as const satisfies Record<string, AcceptanceRule>

/** A row for each model and held file. */
export function predict(request: PredictionRequest): PredictedRow[] {
  const judge = judgeOf(request)
  return Object.entries(request.held).flatMap(([holds, bytes]) => {
    // A plan foretells of files that are drafts yet: phones will hold them signed.
    const installed = typeof bytes === 'string' ? bytes : { ...knownTrustList(bytes), isDraft: false }
    return request.models.map(({ model, devices, securityByDefault }) => ({
      holds,
      model,
      devices,
      acceptance: judge(installed, classOf(securityByDefault)),
    }))
  })
}

/** What stands for models where the cluster does not tell them; each device is in one of the two. */
export const deviceClasses: readonly ModelCount[] = [
  { model: 'devices with Security By Default', devices: 0, securityByDefault: true },
  { model: 'devices without Security By Default', devices: 0, securityByDefault: false },
]

/** For a cluster that does not tell its models: a row for each class, without a number. */
export function predictByClass(request: Omit<PredictionRequest, 'models'>): PredictedRow[] {
  return predict({ ...request, models: deviceClasses }).map((row) => ({ ...row, devices: undefined }))
}

type Installed = TrustList | 'none' | 'unknown'

function judgeOf(request: PredictionRequest): (installed: Installed, deviceClass: DeviceClass) => Prediction {
  const offers = several(request.offered).map(readOr)
  const itls = several(request.itl).map(readOr)
  const sure = request.vouched
  const tvs = request.vouchedBySome?.length
    ? [sure, [...(sure === 'not asked' ? [] : sure), ...request.vouchedBySome]]
    : [sure]
  return (installed, deviceClass) => {
    if (installed === 'unknown') {
      return byCluster('FILE_NOT_KNOWN', 'The phone may hold a file whose bytes are not known here.')
    }
    const answers = offers.flatMap((offered) =>
      offered === 'none'
        ? [withoutFile(installed)]
        : itls.flatMap((itl) =>
            tvs.map((vouched): Prediction => {
              return phoneAcceptance({ installed, itl, offered, tvs: vouched, deviceClass })
            }),
          ),
    )
    return agreed(answers)
  }
}

function withoutFile(installed: TrustList | 'none'): Prediction {
  if (installed === 'none')
    return byCluster('NONE_AS_BEFORE', 'No node serves a CTL, and the phone holds none.')
  return byCluster(
    'KEEPS_ITS_FILE',
    'No node will serve a CTL; the phone keeps the one that it holds until somebody deletes it there.',
  )
}

/** One answer where all are alike; else it depends on the node that the phone asks. */
function agreed(answers: readonly Prediction[]): Prediction {
  const [first, ...others] = answers
  if (first === undefined) return byCluster('FILE_NOT_KNOWN', 'What the nodes will serve is not known.')
  if (others.every(({ reason }) => reason === first.reason)) return first
  if (others.every(({ answer }) => answer === first.answer)) {
    const notes = [
      ...new Set(others.filter(({ reason }) => reason !== first.reason).map(({ detail }) => detail)),
    ]
    return { ...first, notes: [...first.notes, ...notes.map((detail) => `On another node: ${detail}`)] }
  }
  const words = [
    ...new Set(answers.map(({ answer, reason }) => `${answer.replaceAll('-', ' ')} (${reason})`)),
  ]
  return byCluster('NODES_DIFFER', `It depends on the node that the phone asks: ${words.join(', or ')}.`)
}

const byCluster = (reason: keyof typeof clusterRules, detail: string): Prediction => ({
  ...clusterRules[reason],
  reason,
  detail,
  notes: [],
})

const several = <T extends string | Uint8Array>(value: T | readonly T[]): readonly T[] =>
  typeof value === 'string' || value instanceof Uint8Array ? [value as T] : (value as readonly T[])

const readOr = <T extends string>(value: Uint8Array | T): TrustList | T =>
  typeof value === 'string' ? value : knownTrustList(value)

const classOf = (securityByDefault: boolean | undefined): DeviceClass => {
  if (securityByDefault === undefined) return 'unknown'
  return securityByDefault ? 'security-by-default' : 'no-security-by-default'
}
