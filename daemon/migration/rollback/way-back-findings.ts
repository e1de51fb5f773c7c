/** What stands in the way of a way back, or must be known before it: preflight, and who will not come back by it. */
import { groundOf } from '../plan/ground.js'
import type { Plan } from '../plan/plan.js'
import { putBackFindings } from '../preflight/draft-findings.js'
import { found, type PreflightFinding } from '../preflight/finding.js'
import type { PreflightCode } from '../preflight/finding-table.js'
import { preflight } from '../preflight/preflight.js'
import type { Situation } from '../situation/situation.js'
import type { PredictedRow } from './predict.js'

export function wayBackFindings(
  plan: Plan,
  now: Situation,
  prediction: readonly PredictedRow[],
  filesBefore: readonly Uint8Array[],
): PreflightFinding[] {
  const all = [
    ...preflight(plan, now).map(weighed),
    ...putBackFindings(filesBefore, groundOf(now)),
    ...stranded(prediction),
    ...unproven(prediction),
  ]
  return (['error', 'warning', 'info'] as const).flatMap((severity) =>
    all.filter((finding) => finding.severity === severity),
  )
}

/** A way back mends these itself, so they must not bar it. */
const mended: readonly PreflightCode[] = ['NODES_DIFFER', 'FILE_NOT_VERIFIED']
/** Waiting for this to be mended may be worse than going back without. */
const tolerated: readonly PreflightCode[] = [
  'TVS_UNREACHABLE',
  'PROBE_NOT_DONE',
  'PROBE_FAILED',
  'CLI_NOT_USABLE',
  'CONTROL_CENTER_SILENT',
  'SERVICE_NOT_STARTED',
]

function weighed(finding: PreflightFinding): PreflightFinding {
  if (finding.severity !== 'error') return finding
  if (mended.includes(finding.code)) {
    return { ...finding, severity: 'info', remedy: 'The way back gives each node the file from before.' }
  }
  return tolerated.includes(finding.code) ? { ...finding, severity: 'warning' } : finding
}

/** By model, as people go to desks by model. */
function stranded(prediction: readonly PredictedRow[]): PreflightFinding[] {
  const rows = prediction.filter(({ acceptance }) => acceptance.answer === 'refuses')
  return [...new Set(rows.map(({ model }) => model))].map((model) => {
    const own = rows.filter((row) => row.model === model)
    const holds = own.map((row) => row.holds).join(' or ')
    const devices = own[0]?.devices
    const who = devices === undefined ? model : `${devices} × ${model}`
    const why = [...new Set(own.map(({ acceptance }) => acceptance.detail))].join(' ')
    return found(
      'WAY_BACK_REFUSED',
      `${who}: those that hold ${holds} keep it. ${why}`,
      place(model, devices),
    )
  })
}

function unproven(prediction: readonly PredictedRow[]): PreflightFinding[] {
  const rows = prediction.filter(({ acceptance }) => acceptance.answer === 'unknown')
  const keyOf = ({ holds, acceptance }: PredictedRow) =>
    `${acceptance.reason}\n${holds}\n${acceptance.detail}`
  return [...new Set(rows.map(keyOf))].flatMap((key) => {
    const own = rows.filter((row) => keyOf(row) === key)
    const [first] = own
    if (first === undefined) return []
    const counted = own.every(({ devices }) => devices !== undefined)
    const devices = counted ? own.reduce((sum, row) => sum + (row.devices ?? 0), 0) : undefined
    const models = own.map(({ model }) => model)
    const who = devices === undefined ? models.join(', ') : `${devices} devices (${models.join(', ')})`
    const detail = `${who}: of those that hold ${first.holds} it is not known. ${first.acceptance.detail}`
    return [found('WAY_BACK_UNPROVEN', detail, place(models.length === 1 ? models[0] : undefined, devices))]
  })
}

const place = (
  at: string | undefined,
  devices: number | undefined,
): Pick<PreflightFinding, 'at' | 'devices'> => ({
  ...(at !== undefined && { at }),
  ...(devices !== undefined && { devices }),
})
