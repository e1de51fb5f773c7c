/** Findings with who acknowledged them, and what people said. Pure. */
import type { MigrationRecord } from '../migration-record.js'
import type { RunEntry, ToldFinding } from '../runner/run-entry.js'
import type { ReportedFinding, ReportedStatement } from './report.js'

/** As each was told last at its step; an acknowledgement belongs to the code, at the step at which it was asked. */
export function reportedFindings({ entries }: MigrationRecord): ReportedFinding[] {
  const told = entries.filter((entry) => findingsOf(entry) !== undefined)
  const steps = [...new Set(told.map(({ step }) => step ?? ''))]
  return steps.flatMap((step) => {
    const own = told.filter((entry) => (entry.step ?? '') === step)
    const latest = own.at(-1)
    const rows = new Map<string, ReportedFinding>()
    for (const entry of own) {
      for (const finding of findingsOf(entry) ?? []) {
        const { code, severity, detail, at, devices, remedy } = finding
        rows.set(keyOf(finding), {
          code,
          severity,
          detail,
          ...(at !== undefined && { at }),
          ...(devices !== undefined && { devices }),
          remedy,
          step,
          toldAt: entry.at,
          isOfNow: entry === latest,
          acknowledged: acknowledgements(entries, step, code),
        })
      }
    }
    return [...rows.values()]
  })
}

/** Details may hold figures that change with every look. */
const keyOf = ({ code, severity, at, devices }: ToldFinding): string =>
  JSON.stringify([code, severity, at, devices])

const findingsOf = ({ kind, facts }: RunEntry): readonly ToldFinding[] | undefined =>
  kind === 'observed' && 'findings' in facts ? facts.findings : undefined

const acknowledgements = (
  entries: readonly RunEntry[],
  step: string,
  code: string,
): ReportedFinding['acknowledged'] =>
  entries.flatMap(({ step: at, kind, facts, principal, at: time }) =>
    kind === 'acknowledged' && (at ?? '') === step && facts.code === code
      ? [{ by: principal.name, at: time, note: facts.note }]
      : [],
  )

export function reportedStatements({ situation, entries }: MigrationRecord): ReportedStatement[] {
  return [
    ...situation.said.map(({ code, by, at, note }) => ({ statement: code, by, at, note })),
    ...entries.flatMap(({ kind, facts, principal, at, step }): ReportedStatement[] =>
      kind === 'said' && 'statement' in facts
        ? [
            {
              statement: facts.statement,
              by: principal.name,
              at,
              note: facts.note,
              ...(step !== undefined && { step }),
            },
          ]
        : [],
    ),
  ]
}
