/** What preflight finds: with a code, what was observed where, how many devices it concerns, and the remedy. */
import type { PreflightCode } from './finding-table.js'

export interface PreflightFinding {
  readonly code: PreflightCode
  /** `error` stops; `warning` needs an acknowledgement by code; `info` is worth knowing. */
  readonly severity: 'error' | 'warning' | 'info'
  /** One sentence about this occurrence. */
  readonly detail: string
  /** Node, token or certificate that it was seen at. */
  readonly at?: string
  /** undefined: not known. */
  readonly devices?: number
  readonly remedy: string
}
