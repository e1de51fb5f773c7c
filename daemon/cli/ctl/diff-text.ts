/** A difference in words: first what changes, then where. */
import { printable } from '../../ctl/text.js'
import type {
  DiffDescription,
  FieldDifference,
  FileSummary,
  RecordDifference,
} from '../../trust/diff/describe-diff.js'
import { titleOf } from '../../trust/diff/diff-sentences.js'
import type { Colour, Paint } from '../paint.js'

export function diffText(names: { old: string; new: string }, diff: DiffDescription, paint: Paint): string {
  const rows = [
    fileRow('old', names.old, diff.old),
    fileRow('new', names.new, diff.new),
    '',
    ...diff.summary.map(printable),
    ...(diff.records.length > 0
      ? ['', 'Records', ...diff.records.flatMap((record) => recordRows(record, paint))]
      : []),
    ...(diff.header.length > 0 ? ['', 'Header', ...fieldRows(diff.header)] : []),
    ...(diff.headerReordered ? ['  the fields stand in another order'] : []),
  ]
  return `${rows.join('\n')}\n`
}

function fileRow(which: string, name: string, file: FileSummary | null): string {
  if (file === null) return `${which}  ${printable(name)}: no file`
  const { length, records, digest, unsigned, signer } = file
  const parts = [
    `${length} bytes`,
    `${records} records`,
    unsigned ? 'not signed' : `signed with ${digest}`,
    ...(signer.record === undefined ? [] : [`by SAST record ${signer.record}`]),
  ]
  return `${which}  ${printable(name)}: ${parts.join(', ')}`
}

const signs: Readonly<Record<RecordDifference['change'], readonly [string, Colour]>> = {
  added: ['+', 'green'],
  removed: ['-', 'red'],
  changed: ['~', 'yellow'],
  moved: ['>', 'dim'],
}

function recordRows(record: RecordDifference, paint: Paint): string[] {
  const [sign, colour] = signs[record.change]
  const { oldNumber, newNumber, oldCertificateSha256, newCertificateSha256 } = record
  const number =
    oldNumber === newNumber ? String(newNumber) : [oldNumber, newNumber].filter(Boolean).join(' → ')
  const rows = [`  ${paint(colour, `${sign} ${number}`)}  ${printable(titleOf(record))}`]
  if (oldCertificateSha256 !== newCertificateSha256) {
    if (oldCertificateSha256) rows.push(`      certificate - SHA-256 ${oldCertificateSha256}`)
    if (newCertificateSha256) rows.push(`      certificate + SHA-256 ${newCertificateSha256}`)
  }
  const others = record.fields.filter(({ name }) => name !== 'CERTIFICATE')
  return [
    ...rows,
    ...fieldRows(others).map((row) => `    ${row}`),
    ...(record.reordered ? ['      the fields stand in another order'] : []),
  ]
}

function fieldRows(fields: readonly FieldDifference[]): string[] {
  const width = Math.max(0, ...fields.map(({ name }) => name.length))
  return fields.flatMap(({ name, old, new: next }) => {
    const start = `  ${name.padEnd(width)}`
    if (old === undefined) return `${start}  + ${printable(next ?? '')}`
    if (next === undefined) return `${start}  - ${printable(old)}`
    const line = `${start}  ${printable(old)} → ${printable(next)}`
    if (line.length <= 110) return line
    return [`${start}  - ${printable(old)}`, `  ${' '.repeat(width)}  + ${printable(next)}`]
  })
}
