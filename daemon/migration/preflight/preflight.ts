/** What stands in the way of a plan, or must be known before it: pure, from the situation. */
import { groundOf, type PlanGround } from '../plan/ground.js'
import type { NoPlan, Plan } from '../plan/plan.js'
import type { Situation } from '../situation/situation.js'
import { clusterFindings } from './cluster-findings.js'
import { draftFindings } from './draft-findings.js'
import { found, type PreflightFinding } from './finding.js'
import { phoneFindings } from './phone-findings.js'
import { stateFindings } from './state-findings.js'
import { statementFindings } from './statement-findings.js'
import { tokenFindings } from './token-findings.js'

export interface PreflightRequest {
  readonly plan: Plan
  readonly ground: PlanGround
}

/** Errors first, then in the order of the look: cluster, state, tokens, files, phones, what only a person can say. */
export function preflight(plan: Plan, situation: Situation): PreflightFinding[] {
  const request = { plan, ground: groundOf(situation) }
  const all = [
    ...clusterFindings(request),
    ...stateFindings(request),
    ...unlessTold(tokenFindings(request), draftFindings(request)),
    ...phoneFindings(request),
    ...statementFindings(request),
  ]
  return [
    ...all.filter(({ severity }) => severity === 'error'),
    ...all.filter(({ severity }) => severity !== 'error'),
  ]
}

/** Of a token both may say the same. */
const unlessTold = (
  some: readonly PreflightFinding[],
  more: readonly PreflightFinding[],
): PreflightFinding[] => [
  ...some,
  ...more.filter(({ code, at }) => !some.some((told) => told.code === code && told.at === at)),
]

/** Why a release cannot have a plan, with its code. */
export const refusalFindings = ({ code, impossible }: NoPlan): PreflightFinding[] =>
  code === undefined ? [] : [found(code, impossible)]
