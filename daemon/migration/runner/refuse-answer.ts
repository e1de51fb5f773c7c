/** Why an answer of a person is not written: each is checked against where the migration stands. */
import { BridgeError } from '../../bridge-error.js'
import type { StatementCode, Step } from '../plan/plan.js'
import { saidAtItsStep, stepStatements } from '../plan/statements.js'
import { open } from './look.js'
import { answersBeforeGo } from './open-findings.js'
import type { RunEntry, SeenRow } from './run-entry.js'
import type { Stand } from './stand-of.js'

export interface AnswerAt {
  readonly stand: Stand
  readonly step: Step
  readonly entries: readonly RunEntry[]
  /** Looks at what the step needs. */
  readonly needs: () => Promise<readonly SeenRow[]>
}

export type Refuse = (at: AnswerAt) => string | undefined | Promise<string | undefined>

export const notAsked = (migration: string, why: string, step?: string): BridgeError =>
  new BridgeError('MIGRATION_NOTHING_TO_ANSWER', why, {
    migration,
    ...(step !== undefined && { step }),
  })

/** Throws MIGRATION_STEP_NOT_CURRENT. */
export function currentStep({ step }: Stand, migration: string, asked: string): Step {
  if (step?.id === asked) return step
  const detail =
    step === undefined
      ? 'All steps of the migration are done.'
      : `The migration stands at step ${step.id}, not at ${asked}.`
  throw new BridgeError('MIGRATION_STEP_NOT_CURRENT', detail, { migration, step: asked })
}

export const refuseSaying =
  (statement: StatementCode): Refuse =>
  (at) => {
    if (statement === 'GO') return refuseGo(at)
    const isAwaited = at.step.until.some((one) => one.is === 'said' && one.statement === statement)
    if (isAwaited) return at.stand.phase === 'new' ? 'The step has not begun yet.' : undefined
    return stepStatements.has(statement) ? saidAtItsStep(statement) : undefined
  }

/** GO that is said on open rows would take effect later, when somebody else answers the last of them. */
async function refuseGo({ stand, step, entries, needs }: AnswerAt): Promise<string | undefined> {
  if (step.does.do !== 'hard-stop') return saidAtItsStep('GO')
  if (stand.findings === undefined) return 'Preflight has not been made yet; GO is said on its findings.'
  const own = entries.filter((entry) => entry.step === step.id)
  const rows = open([...answersBeforeGo(stand.findings, own), ...(await needs())])
  if (rows.length === 0) return undefined
  const told = rows.map(({ what, evidence }) => [what, ...evidence.map(({ text }) => text)].join(': '))
  return `GO is not taken yet. First: ${told.join(' · ')}`
}

export const refuseAcknowledging =
  (code: string): Refuse =>
  ({ stand: { findings = [] } }) => {
    const told = findings.filter((finding) => finding.code === code)
    if (told.some(({ severity }) => severity === 'error'))
      return `${code} is an error; it is mended, not acknowledged.`
    return told.some(({ severity }) => severity === 'warning') ? undefined : `${code} was not found here.`
  }

export const refuseAgain: Refuse = ({ stand: { phase, isActing }, step: { actor } }) => {
  if (actor === 'person') return 'The step is a person’s; the daemon never does it.'
  if (isActing) return 'It is being done now; wait until it is known what came of it.'
  return phase === 'in-doubt' || phase === 'acted' ? undefined : 'Nothing was begun that could be done again.'
}
