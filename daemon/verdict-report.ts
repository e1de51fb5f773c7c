/**
 * A verdict as the command and the API tell it: what is wrong and what is worth knowing in one list, the worst
 * first, each with its remedy.
 */
import { problems } from './problems.js'
import type { CtlVerdict, Finding } from './trust/verify/verdict.js'

export const severities = ['error', 'warning', 'info'] as const

export interface ReportedFinding extends Omit<Finding, 'code' | 'severity'> {
  readonly code: string
  readonly severity: (typeof severities)[number]
  /** Bytes from the start of the file. */
  readonly offset?: number
}

export interface VerdictReport extends Omit<CtlVerdict, 'problems' | 'findings'> {
  /** Valid; with `strict` also without warnings. */
  readonly passed: boolean
  readonly findings: readonly ReportedFinding[]
}

export function reportVerdict(
  { problems: wrong, findings, ...verdict }: CtlVerdict,
  { strict }: { readonly strict: boolean },
): VerdictReport {
  const errors = wrong.map(({ code, detail, at }): ReportedFinding => {
    return { code, severity: 'error', ...at, detail, remedy: problems[code].remedy }
  })
  const all: ReportedFinding[] = [...errors, ...findings]
  const failing: readonly string[] = strict ? ['error', 'warning'] : ['error']
  return {
    ...verdict,
    passed: !all.some(({ severity }) => failing.includes(severity)),
    findings: severities.flatMap((severity) => all.filter((finding) => finding.severity === severity)),
  }
}
