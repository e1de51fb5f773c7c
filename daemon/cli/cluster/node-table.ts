/** One row a node: which file it gives over which way, and what its TVS trusts. */
import type { ClusterObservationAnswer } from '../answers.js'

type Node = ClusterObservationAnswer['nodes'][number]
type Copies = Node['ctl']

const columns = ['CTL TFTP', 'CTL HTTP', 'ITL TFTP', 'ITL HTTP'] as const

export function nodeTable(
  { nodes }: ClusterObservationAnswer,
  letters: ReadonlyMap<string, string>,
): string[] {
  const hasTvs = nodes.some(({ tvs }) => tvs.length > 0)
  const rows = [
    ['node', ...columns, ...(hasTvs ? ['TVS trusts'] : [])],
    ...nodes.map((node) => [
      node.name,
      cell(node.ctl, 'ctl', 'tftp', letters),
      cell(node.ctl, 'ctl', 'http', letters),
      cell(node.itl, 'itl', 'tftp', letters),
      cell(node.itl, 'itl', 'http', letters),
      ...(hasTvs ? [tvsCell(node)] : []),
    ]),
  ]
  return alignColumns(rows)
}

/** Columns as wide as their widest cell, two blanks between them. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** A letter of the list of files, `none`, `failed`, or `-` where nobody asked. */
function cell(
  copies: Copies,
  kind: 'ctl' | 'itl',
  over: 'tftp' | 'http',
  letters: ReadonlyMap<string, string>,
): string {
  const asked = copies.find((copy) => copy.over === over)?.asked
  if (asked === undefined || asked.state === 'not-asked') return '-'
  if (asked.state === 'failed') return 'failed'
  return asked.answer === null ? 'none' : (letters.get(`${kind} ${asked.answer}`) ?? '?')
}

function tvsCell({ tvs }: Node): string {
  if (tvs.length === 0) return '-'
  const answers = tvs.flatMap(({ asked }) => (asked.state === 'answered' ? [asked.answer] : []))
  if (answers.length === 0) return 'failed'
  return `${answers.filter(({ isTrusted }) => isTrusted).length} of ${tvs.length}`
}
