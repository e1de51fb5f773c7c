/** The records before and after, for a terminal. */
import { SAST } from '../../ctl/tags.js'
import { printable } from '../../ctl/text.js'
import type { CompositionFinding } from '../../trust/compose/composition-findings.js'
import type { CompositionRow } from '../../trust/compose/composition-rows.js'
import { findingRows } from '../ctl/finding-rows.js'

/** Letters of a name that are shown; a hostile one may have 64 KiB. */
const NAME_WIDTH = 64

/** `names` calls new records by what the options call them (`+1`), by their number in the new file. */
export function compositionTable(
  rows: readonly CompositionRow[],
  names: ReadonlyMap<number, string>,
): string {
  const cells = rows.map((row) => [
    row.number === undefined ? '-' : String(row.number),
    row.was === undefined ? (names.get(row.number ?? 0) ?? '+') : String(row.was),
    changeText(row),
    row.function === SAST ? 'SAST' : row.functionName,
    String(row.length),
    shortened(row.name),
  ])
  const table = [['now', 'was', 'what', 'role', 'bytes', 'name'], ...cells]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => (row[column] ?? '').length)))
  const isNumber = (column: number) => column === 0 || column === 1 || column === 4
  const lines = table.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return isNumber(column) ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd(),
  )
  return `${lines.map((line) => `  ${line}`).join('\n')}\n`
}

/** Fields that change whenever the certificate does. */
const ofCertificate = new Set(['SUBJECTNAME', 'ISSUERNAME', 'SERIALNUMBER', 'PUBLICKEY', 'SIGNATURE'])

function changeText({ change, fields, signs }: CompositionRow): string {
  const shown = fields.includes('CERTIFICATE') ? fields.filter((field) => !ofCertificate.has(field)) : fields
  const what = change === 'changed' ? `changed (${shown.join(', ')})` : change
  return printable(signs ? `${what}, signer` : what)
}

/** Escaped first, so that the width counts what is seen. */
function shortened(name: string): string {
  const text = printable(name.slice(0, NAME_WIDTH + 1))
  return text.length > NAME_WIDTH ? `${text.slice(0, NAME_WIDTH)}…` : text
}

export function findingLines(findings: readonly CompositionFinding[]): string {
  return findingRows(findings)
    .map((row) => `${row}\n`)
    .join('')
}
