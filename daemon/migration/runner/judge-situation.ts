/** What stands in the way of a plan, or of a way back, on a cluster as it was looked at. Pure. */
import type { MigrationRecord } from '../migration-record.js'
import type { Plan } from '../plan/plan.js'
import type { PreflightFinding } from '../preflight/finding.js'
import { preflight } from '../preflight/preflight.js'
import { heldFiles } from '../rollback/held-files.js'
import { planWayBack } from '../rollback/plan-way-back.js'
import { deviceClasses } from '../rollback/predict.js'
import type { Situation } from '../situation/situation.js'

/** `takenBack`: of a way back, the migration that it takes back. */
export const judgeSituation = (
  plan: Plan,
  situation: Situation,
  takenBack: MigrationRecord | undefined,
): readonly PreflightFinding[] =>
  takenBack === undefined ? preflight(plan, situation) : planWayBack(takenBack, situation).findings

/**
 * Whether a finding names this model (undefined: not known) as one that will refuse the file, or may: a pilot of it that
 * does so stops nothing, as somebody went past that finding by its code. Where both classes of devices are named, each
 * model is.
 */
export function namedRefusing(findings: readonly PreflightFinding[]): (model: string | undefined) => boolean {
  const codes = ['DEVICES_WITHOUT_SBD', 'DEVICES_UNKNOWN', 'WAY_BACK_REFUSED']
  const named = new Set(
    findings.flatMap(({ code, at }) => (codes.includes(code) && at !== undefined ? [at] : [])),
  )
  const isEach = deviceClasses.every(({ model }) => named.has(model))
  return (model) => isEach || (model !== undefined && named.has(model))
}

/** Files in which TVS is asked about the certificates: phones may hold them, or are to take them. */
export const filesToAsk = (takenBack: MigrationRecord): Uint8Array[] =>
  heldFiles(takenBack).flatMap(({ bytes }) => (typeof bytes === 'string' ? [] : [bytes]))
