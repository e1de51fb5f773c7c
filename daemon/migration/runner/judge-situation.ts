/** What stands in the way of a plan, or of a way back, on a cluster as it was looked at. Pure. */
import type { MigrationRecord } from '../migration-record.js'
import type { Plan } from '../plan/plan.js'
import type { PreflightFinding } from '../preflight/finding.js'
import { preflight } from '../preflight/preflight.js'
import { heldFiles } from '../rollback/held-files.js'
import { planWayBack } from '../rollback/plan-way-back.js'
import type { Situation } from '../situation/situation.js'

/** `takenBack`: of a way back, the migration that it takes back. */
export const judgeSituation = (
  plan: Plan,
  situation: Situation,
  takenBack: MigrationRecord | undefined,
): readonly PreflightFinding[] =>
  takenBack === undefined ? preflight(plan, situation) : planWayBack(takenBack, situation).findings

/** Models named by a finding as such that will refuse the file: a pilot of theirs that does so stops nothing. */
export function namedRefusing(findings: readonly PreflightFinding[]): ReadonlySet<string> {
  const codes = ['DEVICES_WITHOUT_SBD', 'WAY_BACK_REFUSED']
  return new Set(findings.flatMap(({ code, at }) => (codes.includes(code) && at !== undefined ? [at] : [])))
}

/** Files in which TVS is asked about the certificates: phones may hold them, or are to take them. */
export const filesToAsk = (takenBack: MigrationRecord): Uint8Array[] =>
  heldFiles(takenBack).flatMap(({ bytes }) => (typeof bytes === 'string' ? [] : [bytes]))
