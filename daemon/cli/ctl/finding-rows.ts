/** Findings in words: each said once, with the records it is said of. */
import { printable } from '../../ctl/text.js'
import type { ReportedFinding } from '../../verdict-report.js'
import { type Colour, type Paint, plain } from '../paint.js'

/** What is told of a finding: one of `verify`, or of what was composed. */
type ToldFinding = Pick<ReportedFinding, 'code' | 'severity' | 'detail' | 'remedy' | 'record' | 'offset'>

/** Rows in the order of the findings; equal ones stand where the first stood. */
export function findingRows(findings: readonly ToldFinding[], paint: Paint = plain): string[] {
  const groups = grouped(findings)
  const width = Math.max(...groups.map(({ code }) => code.length))
  return groups.flatMap((group) => groupRows(group, width, paint))
}

interface Group {
  readonly code: string
  readonly severity: ToldFinding['severity']
  readonly detail: string
  readonly remedy: string
  readonly places: readonly ToldFinding[]
}

/** The same said of several records is said once. */
function grouped(findings: readonly ToldFinding[]): Group[] {
  const groups = new Map<string, Group>()
  for (const finding of findings) {
    const { code, severity, detail, remedy } = finding
    const key = `${code} ${detail}`
    const places = [...(groups.get(key)?.places ?? []), finding]
    groups.set(key, { code, severity, detail, remedy, places })
  }
  return [...groups.values()]
}

const colours: Readonly<Record<ToldFinding['severity'], Colour>> = {
  error: 'red',
  warning: 'yellow',
  info: 'dim',
}

function groupRows({ code, severity, detail, remedy, places }: Group, width: number, paint: Paint): string[] {
  const where = whereText(places)
  const start = `  ${paint(colours[severity], severity.padEnd(7))}  ${code.padEnd(width)}`
  const rows = [`${start}  ${where === '' ? '' : `${where}: `}${printable(detail)}`]
  if (severity !== 'info') rows.push(`${' '.repeat(11 + width)}  do: ${remedy}`)
  return rows
}

function whereText(places: readonly ToldFinding[]): string {
  const records = places.flatMap(({ record }) => record ?? [])
  const [only, another] = places
  const offset = another === undefined && only?.offset !== undefined ? `offset ${only.offset}` : ''
  return [records.length === 0 ? '' : recordList(records), offset].filter((part) => part !== '').join(', ')
}

/** At most twelve numbers, then how many more. */
export function recordList(records: readonly number[]): string {
  const most = 12
  const shown = records.slice(0, most).join(', ')
  const rest = records.length > most ? ` and ${records.length - most} more` : ''
  return `record${records.length > 1 ? 's' : ''} ${shown}${rest}`
}
