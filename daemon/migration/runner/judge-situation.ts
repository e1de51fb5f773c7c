/** Preflight of a plan, of whatever kind. Pure. */
import type { Plan } from '../plan/plan.js'
import type { PreflightFinding } from '../preflight/finding.js'
import { preflight } from '../preflight/preflight.js'
import type { Situation } from '../situation/situation.js'

export const judgeSituation = (plan: Plan, situation: Situation): PreflightFinding[] =>
  preflight(plan, situation)
