import { sameBytes } from './bytes.js'
import type { CtlField } from './ctl-field.js'
import { headerTag } from './tags.js'

/** A field that differs. An absent value: the field is not there. */
export interface FieldChange {
  /** Tags from the outside in: `[3, 4]` is SIGNERNAME in SIGNERID. */
  readonly path: readonly number[]
  /** Which of several with this path, from 0. */
  readonly occurrence: number
  readonly old?: Uint8Array
  readonly new?: Uint8Array
}

/** What makes two lists of fields differ. */
export interface FieldsDiff {
  /** First those of old fields, in their order, then fields that are new. */
  readonly changes: readonly FieldChange[]
  /** The paths of the new fields in their order; there when it is not the old one without what is gone. */
  readonly order?: readonly (readonly number[])[]
  /** Whether fields that both lists have stand in another order. */
  readonly reordered: boolean
}

/** A field that holds no others. */
interface Leaf {
  readonly path: readonly number[]
  readonly occurrence: number
  /** Padding of the header: no bytes for the lone 0D, two for 0D 00 00. */
  readonly value: Uint8Array
}

export function diffFields(old: readonly CtlField[], next: readonly CtlField[]): FieldsDiff {
  const oldLeaves = leavesOf(old)
  const newLeaves = leavesOf(next)
  const changes = [
    ...[...oldLeaves].flatMap(([key, leaf]) => changeOf(leaf, newLeaves.get(key))),
    ...[...newLeaves].flatMap(([key, leaf]) => (oldLeaves.has(key) ? [] : changeOf(undefined, leaf))),
  ]
  const staying = [...oldLeaves.keys()].filter((key) => newLeaves.has(key))
  const keys = [...newLeaves.keys()]
  const isSame = keys.every((key, index) => key === staying[index])
  return {
    changes,
    reordered: keys.filter((key) => oldLeaves.has(key)).some((key, index) => key !== staying[index]),
    ...(isSame ? {} : { order: [...newLeaves.values()].map(({ path }) => path) }),
  }
}

function changeOf(old: Leaf | undefined, next: Leaf | undefined): FieldChange[] {
  const known = old ?? next
  if (known === undefined || sameBytes(old?.value, next?.value)) return []
  const { path, occurrence } = known
  return [{ path, occurrence, ...(old && { old: old.value }), ...(next && { new: next.value }) }]
}

/** By path and occurrence, in the order of the fields. */
function leavesOf(fields: readonly CtlField[]): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>()
  const counts = new Map<string, number>()
  const add = (path: readonly number[], value: Uint8Array): void => {
    const name = path.join('.')
    const occurrence = counts.get(name) ?? 0
    counts.set(name, occurrence + 1)
    leaves.set(`${name} ${occurrence}`, { path, occurrence, value })
  }
  const walk = (inside: readonly CtlField[], above: readonly number[]): void => {
    for (const field of inside) {
      if (field.kind === 'container') walk(field.fields, [...above, field.tag])
      else if (field.kind === 'value') add([...above, field.tag], field.value)
      else add([...above, headerTag.padding], new Uint8Array(field.form === 'lone' ? 0 : 2))
    }
  }
  walk(fields, [])
  return leaves
}
