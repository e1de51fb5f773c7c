/**
 * What makes two files differ, complete enough to make the new one from the old one: which records stay, change,
 * move, come and go, and which fields of records and header.
 */
import type { CtlFile, CtlRecord } from './ctl-field.js'
import { diffFields, type FieldsDiff } from './diff-fields.js'
import { matchRecords } from './match-records.js'
import { headerTag } from './tags.js'

/** A record that both files have. */
export interface KeptRecord extends FieldsDiff {
  /** Numbers of the records, from 1. */
  readonly oldNumber: number
  readonly newNumber: number
  /** Whether it stands elsewhere among the records that both files have. */
  readonly moved: boolean
}

export interface CtlDiff {
  /**
   * How far the files differ: `nothing`; `signature`, the value of SIGNATURE and not one byte of what is signed;
   * `header`, and no record; `records`.
   */
  readonly extent: 'nothing' | 'signature' | 'header' | 'records'
  readonly version?: { readonly old?: CtlFile['version']; readonly new?: CtlFile['version'] }
  readonly header: FieldsDiff
  readonly removed: readonly { readonly oldNumber: number; readonly record: CtlRecord }[]
  readonly added: readonly { readonly newNumber: number; readonly record: CtlRecord }[]
  /** Records that both files have, in the order of the new one, also those without a change. */
  readonly kept: readonly KeptRecord[]
}

/** Undefined is a file that is not there: everything of the other one is added or removed. */
export function diffCtlFiles(old: CtlFile | undefined, next: CtlFile | undefined): CtlDiff {
  const oldRecords = old?.records ?? []
  const newRecords = next?.records ?? []
  const pairs = matchRecords(oldRecords, newRecords)
  const inPlace = longestRising(pairs.map((pair) => pair.old))
  const kept = pairs.map((pair, index): KeptRecord => {
    const fields = diffFields(oldRecords[pair.old]?.fields ?? [], newRecords[pair.new]?.fields ?? [])
    return { oldNumber: pair.old + 1, newNumber: pair.new + 1, moved: !inPlace.has(index), ...fields }
  })
  const keptOld = new Set(pairs.map((pair) => pair.old))
  const keptNew = new Set(pairs.map((pair) => pair.new))
  const parts = {
    ...diffVersions(old, next),
    header: diffFields(old?.header ?? [], next?.header ?? []),
    removed: oldRecords.flatMap((record, index) =>
      keptOld.has(index) ? [] : [{ oldNumber: index + 1, record }],
    ),
    added: newRecords.flatMap((record, index) =>
      keptNew.has(index) ? [] : [{ newNumber: index + 1, record }],
    ),
    kept,
  }
  return { extent: extentOf(parts), ...parts }
}

function diffVersions(old: CtlFile | undefined, next: CtlFile | undefined): Pick<CtlDiff, 'version'> {
  const isSame = old?.version.major === next?.version.major && old?.version.minor === next?.version.minor
  if (isSame) return {}
  return { version: { ...(old && { old: old.version }), ...(next && { new: next.version }) } }
}

function extentOf({ version, header, removed, added, kept }: Omit<CtlDiff, 'extent'>): CtlDiff['extent'] {
  const sameRecords =
    removed.length === 0 && added.length === 0 && kept.every((record) => isSame(record) && !record.moved)
  if (!sameRecords) return 'records'
  if (version === undefined && isSame(header)) return 'nothing'
  const onlySignature = header.changes.every(
    ({ path, old, new: next }) => path.join() === String(headerTag.signature) && old && next,
  )
  return version === undefined && header.order === undefined && onlySignature ? 'signature' : 'header'
}

const isSame = ({ changes, order }: FieldsDiff): boolean => changes.length === 0 && order === undefined

/** Indexes of a longest run of rising values, gaps allowed: what stays in place while the rest moves. */
function longestRising(values: readonly number[]): ReadonlySet<number> {
  // Patience sorting: `ends[n]` is the index of the smallest value that a run of n + 1 can end with.
  const ends: number[] = []
  const before: (number | undefined)[] = []
  for (const [index, value] of values.entries()) {
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((values[ends[middle] ?? 0] ?? 0) < value) low = middle + 1
      else high = middle
    }
    before.push(ends[low - 1])
    ends[low] = index
  }
  const run = new Set<number>()
  for (let index = ends.at(-1); index !== undefined; index = before[index]) run.add(index)
  return run
}
