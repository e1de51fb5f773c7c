/** The table at the end, 80 columns wide: what the phones were told before, and what they are told now. */
import type { Description, Verdict } from './api.js'

interface Judged {
  readonly description: Description
  readonly verdict: Verdict
}

type Row = readonly [string, string, string]

export function beforeAfterTable(before: Judged, after: Judged): string {
  const row = (name: string, fact: (judged: Judged) => string): Row => [name, fact(before), fact(after)]
  const heading: Row = ['', 'before', 'after']
  const rows = [
    row('mode', ({ description }) => (isToken(description) ? 'token' : 'tokenless')),
    row('size', ({ description }) => `${description.length} bytes, ${description.records.length} records`),
    row('signed by', ({ verdict }) => commonName(verdict.signer?.subject)),
    row('key, digest', ({ verdict }) => `RSA ${verdict.signer?.keyBits}, ${verdict.digest}`),
    ...sastRows(before.description, after.description),
    row(
      'servers',
      ({ description }) => `${description.records.filter((record) => record.function !== 0).length}`,
    ),
    row('verified', ({ verdict }) => (verdict.verdict === 'valid' ? 'yes' : 'NO')),
  ]
  return layout([heading, ...rows])
}

function sastRows(before: Description, after: Description): Row[] {
  const [left, right] = [sastNames(before), sastNames(after)]
  const count = Math.max(left.length, right.length)
  return Array.from({ length: count }, (_, index) => [
    index === 0 ? 'SAST' : '',
    left[index] ?? '',
    right[index] ?? '',
  ])
}

const sastNames = (description: Description): string[] =>
  description.records.filter((record) => record.function === 0).map((record) => commonName(record.subject))

/** Token CTLs of the CTL Client write CryptoAPI names: `cn="SAST-ADN…`. */
const isToken = (description: Description): boolean =>
  description.records.some((record) => record.signedTheFile && record.subject?.startsWith('cn="SAST-'))

function commonName(subject = ''): string {
  return (/^cn="?([^";,]+)/i.exec(subject)?.[1] ?? subject).trim()
}

function layout(rows: readonly Row[]): string {
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length)) + 3
  const lines = rows.map(([name, before, after]) =>
    `  ${name.padEnd(width(0))}${before.padEnd(width(1))}${after}`.trimEnd(),
  )
  const rule = `  ${'-'.repeat(Math.max(...lines.map((line) => line.length)) - 2)}`
  return [lines[0], rule, ...lines.slice(1)].join('\n')
}
