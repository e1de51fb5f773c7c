/**
 * What of the hard stop is not answered yet: errors, warnings that nobody acknowledged by their code, and the word GO.
 * Pure, of the findings of now and the journal.
 */
import type { PreflightFinding } from '../preflight/finding.js'
import type { RunEntry, SeenRow, ToldFinding } from './run-entry.js'

/** Details may hold figures that change with every look; who decides, decides on these. */
const weight = ({ code, severity, at, devices }: PreflightFinding | ToldFinding): string =>
  JSON.stringify([code, severity, at, devices])

const weights = (findings: readonly (PreflightFinding | ToldFinding)[]): string =>
  findings.map(weight).sort().join('\n')

export const sameFindings = (
  one: readonly (PreflightFinding | ToldFinding)[],
  other: readonly (PreflightFinding | ToldFinding)[],
): boolean => weights(one) === weights(other)

/** `findings` are those that were told last. `entries`: of the step. */
export const answersTo = (
  findings: readonly (PreflightFinding | ToldFinding)[],
  entries: readonly RunEntry[],
): SeenRow[] => [
  ...answersBeforeGo(findings, entries),
  { what: 'somebody says GO', holds: isGo(entries), evidence: [] },
]

export function answersBeforeGo(
  findings: readonly (PreflightFinding | ToldFinding)[],
  entries: readonly RunEntry[],
): SeenRow[] {
  const bad = findings.filter(({ severity }) => severity === 'error')
  const warnings = findings.filter(({ severity }) => severity === 'warning')
  const codes = [...new Set(warnings.map(({ code }) => code))]
  return [
    {
      what: 'no finding is an error',
      holds: bad.length === 0,
      evidence: bad.map(({ code, detail, remedy, at }) => ({
        ...(at !== undefined && { node: at }),
        text: `${code}: ${detail} ${remedy}`,
      })),
    },
    ...codes.map((code): SeenRow => {
      const own = warnings.filter((warning) => warning.code === code)
      return {
        what: `somebody acknowledges ${code}`,
        holds: isAcknowledged(code, entries),
        evidence: own.map(({ detail, at }) => ({ ...(at !== undefined && { node: at }), text: detail })),
      }
    }),
  ]
}

/** An acknowledgement stands for what was told when it was given: ten devices are not nine hundred. */
export function isAcknowledged(code: string, entries: readonly RunEntry[]): boolean {
  let told: readonly ToldFinding[] = []
  let isAnswered = false
  for (const entry of entries) {
    if (entry.kind === 'observed' && 'findings' in entry.facts) {
      const next = entry.facts.findings.filter((finding) => finding.code === code)
      if (!sameFindings(told, next)) isAnswered = false
      told = next
    }
    if (entry.kind === 'acknowledged' && entry.facts.code === code) isAnswered = true
  }
  return isAnswered
}

/** Said after the findings that it is said on. */
function isGo(entries: readonly RunEntry[]): boolean {
  const told = entries.findLastIndex((entry) => entry.kind === 'observed' && 'findings' in entry.facts)
  const said = entries.findLastIndex(
    (entry) => entry.kind === 'said' && 'statement' in entry.facts && entry.facts.statement === 'GO',
  )
  return told >= 0 && said > told
}
