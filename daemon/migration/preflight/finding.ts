/** What preflight finds: with a code, what was observed where, how many devices it concerns, and the remedy. */
import { type PreflightCode, type PreflightEntry, preflightTable } from './finding-table.js'

export interface PreflightFinding {
  readonly code: PreflightCode
  /** `error` stops; `warning` needs an acknowledgement by code. */
  readonly severity: PreflightEntry['severity']
  /** One sentence about this occurrence. */
  readonly detail: string
  /** Node, token, model or certificate that it was seen at. */
  readonly at?: string
  /** undefined: not known, or it concerns no devices. */
  readonly devices?: number
  readonly remedy: string
}

export function found(
  code: PreflightCode,
  detail: string,
  more: Pick<PreflightFinding, 'at' | 'devices'> = {},
): PreflightFinding {
  const { severity, remedy } = preflightTable[code]
  return { code, severity, detail, ...more, remedy }
}
