/** The way back of a migration, with who will accept it and what stands in its way. Pure. */

import { knownTrustList } from '../known-trust-list.js'
import { type MigrationRecord, startFile, tftpNodes } from '../migration-record.js'
import { seen, sha256 } from '../plan/ground.js'
import type { NoPlan, Plan } from '../plan/plan.js'
import { isNoPlan } from '../plan/usual.js'
import type { PreflightFinding } from '../preflight/finding.js'
import type { Situation, Statement } from '../situation/situation.js'
import { doneSoFar } from './done-so-far.js'
import { type HeldFile, heldFiles } from './held-files.js'
import { type PredictedRow, type PredictionRequest, predict, predictByClass } from './predict.js'
import { type Vouched, vouchedAfter, vouchedByTvs } from './vouched-by-tvs.js'
import { wayBack } from './way-back.js'
import { wayBackFindings } from './way-back-findings.js'
import type { NeededUpload } from './way-back-uploads.js'

export interface WayBack {
  readonly plan: Plan | NoPlan
  /** Per file that phones may hold by now and model; empty where nothing was changed for phones, or for NoPlan. */
  readonly prediction: readonly PredictedRow[]
  readonly findings: readonly PreflightFinding[]
}

/** `now`: the cluster as it is found when the way back is asked for, and once more at its hard stop. */
export function planWayBack(record: MigrationRecord, now: Situation): WayBack {
  const held = heldFiles(record, now)
  const vouched = vouchedByTvs(now, bytesOf(held))
  const uploads = uploadsNeeded(record, now, held, vouched)
  const plan = wayBack(doneSoFar(record, uploads), now)
  if (isNoPlan(plan)) return { plan, prediction: [], findings: [] }
  const isForPhones = plan.steps.some(({ does }) => does.do === 'restore-files')
  const prediction = isForPhones ? predictWayBack(record, now, held, uploads, vouched) : []
  const situation = { ...now, said: [...saidBefore(record), ...now.said] }
  const putBack = isForPhones ? filesBefore(record).filter((file) => file !== 'none') : []
  return { plan, prediction, findings: wayBackFindings(plan, situation, prediction, putBack) }
}

/** What somebody said of the cluster for the migration is still said; GO was not said of this. */
function saidBefore({ situation, entries }: MigrationRecord): Statement[] {
  const inJournal = entries.flatMap(({ kind, facts, at, principal }): Statement[] =>
    kind === 'said' && 'statement' in facts && facts.statement !== 'GO'
      ? [{ code: facts.statement as Statement['code'], by: principal.name, at, note: facts.note }]
      : [],
  )
  return [...situation.said, ...inJournal]
}

const bytesOf = (held: readonly HeldFile[]): Uint8Array[] =>
  held.map(({ bytes }) => bytes).filter((bytes) => typeof bytes !== 'string')

/** What the nodes are to serve again, each file once. */
function filesBefore(record: MigrationRecord): (Uint8Array | 'none')[] {
  const files = tftpNodes(record.situation).flatMap((node) => startFile(record, node) ?? [])
  const sums = files.map((bytes) => (bytes === 'none' ? bytes : sha256(bytes)))
  return files.filter((_, index) => sums.indexOf(sums[index] ?? '') === index)
}

/** Signers of the files from before that a phone has to ask TVS for, and that not every TVS vouches for. */
function uploadsNeeded(
  record: MigrationRecord,
  now: Situation,
  held: readonly HeldFile[],
  vouched: Vouched | undefined,
): NeededUpload[] {
  if (vouched === undefined || now.kind !== 'cucm') return []
  const needed = filesBefore(record).flatMap((offered): [string, NeededUpload][] => {
    const signer = offered === 'none' ? undefined : knownTrustList(offered).signer
    if (offered === 'none' || signer === undefined) return []
    const sum = sha256(signer.certificate)
    if (vouched.byAll.has(sum) || !isAskedOfTvs(offered, held)) return []
    const token = now.tokens.find((known) => known.sha256 === sum)?.serial
    return [[sum, { sha256: sum, subject: signer.subject, ...(token !== undefined && { token }) }]]
  })
  return [...new Map(needed).values()]
}

function isAskedOfTvs(offered: Uint8Array, held: readonly HeldFile[]): boolean {
  const models = [{ model: '', devices: 0, securityByDefault: true }]
  const request = { held: byName(held), offered, itl: 'not given', vouched: 'not asked', models } as const
  return predict(request).some(({ acceptance: { reason } }) =>
    ['TVS_NOT_ASKED', 'FILE_NOT_KNOWN'].includes(reason),
  )
}

const byName = (held: readonly HeldFile[]): PredictionRequest['held'] =>
  Object.fromEntries(held.map(({ name, bytes }) => [name, bytes]))

function predictWayBack(
  record: MigrationRecord,
  now: Situation,
  held: readonly HeldFile[],
  uploads: readonly NeededUpload[],
  vouched: Vouched | undefined,
): PredictedRow[] {
  const offered = filesBefore(record)
  const uploaded = new Set(uploads.map((upload) => upload.sha256))
  const signers = offered
    .flatMap((bytes) => (bytes === 'none' ? [] : (knownTrustList(bytes).signer?.certificate ?? [])))
    .filter((certificate) => uploaded.has(sha256(certificate)))
  const request = {
    held: byName(held),
    offered,
    itl: itlsOf(now),
    ...vouchedAfter(vouched, signers),
  }
  const models = seen(now.models) ?? seen(record.situation.models)
  return models === undefined ? predictByClass(request) : predict({ ...request, models })
}

/** Phones hold the ITL of the node that they fetch from. */
export function itlsOf({ nodes }: Situation): PredictionRequest['itl'] {
  const itls = nodes.flatMap(({ itl }) => seen(itl) ?? [])
  return itls.length === 0 ? 'not given' : itls
}
