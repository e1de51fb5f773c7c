/** A verdict in words, for `verify` and `sign`: the verdict first, then the worst of what was found. */

import { printable } from '../ctl/text.js'
import type { CtlVerdict, RecordChain } from '../trust/verdict.js'
import type { ReportedFinding, VerdictReport } from '../verdict-report.js'
import { type Colour, type Paint, plain } from './paint.js'

export function verdictText(
  name: string,
  bytes: number,
  report: VerdictReport,
  paint: Paint = plain,
): string {
  const { signer, digest, chains, findings } = report
  const groups = grouped(findings)
  const rows = [
    headline(name, bytes, report, paint),
    ...(signer === undefined
      ? []
      : [
          `  signer   ${printable(signer.subject)}`,
          `  issuer   ${printable(signer.issuer)}`,
          `  serial   ${signer.serial}`,
          `  key      RSA ${signer.keyBits}, digest ${digest ?? 'unknown'}, SAST record ${signer.record}`,
        ]),
    ...(chains === undefined ? [] : chainRows(chains)),
    ...groups.flatMap((group) =>
      findingRows(group, Math.max(...groups.map(({ code }) => code.length)), paint),
    ),
  ]
  return `${rows.join('\n')}\n`
}

function headline(
  name: string,
  bytes: number,
  { verdict, passed, findings }: VerdictReport,
  paint: Paint,
): string {
  const isValid = verdict === 'valid'
  const word = isValid ? paint(passed ? 'green' : 'yellow', 'VALID') : paint('red', 'NOT VALID')
  const warnings = findings.filter(({ severity }) => severity === 'warning').length
  const failed =
    isValid && !passed ? `, and refused for its ${warnings === 1 ? 'warning' : `${warnings} warnings`}` : ''
  return `${printable(name)}: ${word}, ${bytes} bytes${failed}`
}

const chainWords: Readonly<Record<RecordChain['chain'], string>> = {
  root: 'chain to a given root',
  'self-signed': 'self-signed',
  'issuer-not-given': 'issuer not given',
  broken: 'not signed by the issuer of that name',
  'not-checked': 'not readable by OpenSSL',
}

function chainRows(chains: NonNullable<CtlVerdict['chains']>): string[] {
  const states = [...new Set(chains.map(({ chain }) => chain))]
  return states.map((state, index) => {
    const records = chains.filter(({ chain }) => chain === state).map(({ record }) => record)
    return `  ${index === 0 ? 'chains ' : '       '}  ${recordList(records)}: ${chainWords[state]}`
  })
}

interface Group {
  readonly code: string
  readonly severity: ReportedFinding['severity']
  readonly detail: string
  readonly remedy: string
  readonly places: readonly ReportedFinding[]
}

/** The same said of several records is said once. */
function grouped(findings: readonly ReportedFinding[]): Group[] {
  const groups = new Map<string, Group>()
  for (const finding of findings) {
    const { code, severity, detail, remedy } = finding
    const key = `${code} ${detail}`
    const places = [...(groups.get(key)?.places ?? []), finding]
    groups.set(key, { code, severity, detail, remedy, places })
  }
  return [...groups.values()]
}

const colours: Readonly<Record<ReportedFinding['severity'], Colour>> = {
  error: 'red',
  warning: 'yellow',
  info: 'dim',
}

function findingRows(
  { code, severity, detail, remedy, places }: Group,
  width: number,
  paint: Paint,
): string[] {
  const where = whereText(places)
  const start = `  ${paint(colours[severity], severity.padEnd(7))}  ${code.padEnd(width)}`
  const rows = [`${start}  ${where === '' ? '' : `${where}: `}${printable(detail)}`]
  if (severity !== 'info') rows.push(`${' '.repeat(11 + width)}  do: ${remedy}`)
  return rows
}

function whereText(places: readonly ReportedFinding[]): string {
  const records = places.flatMap(({ record }) => record ?? [])
  const [only, another] = places
  const offset = another === undefined && only?.offset !== undefined ? `offset ${only.offset}` : ''
  return [records.length === 0 ? '' : recordList(records), offset].filter((part) => part !== '').join(', ')
}

function recordList(records: readonly number[]): string {
  const most = 12
  const shown = records.slice(0, most).join(', ')
  const rest = records.length > most ? ` and ${records.length - most} more` : ''
  return `record${records.length > 1 ? 's' : ''} ${shown}${rest}`
}
