/** Changes to the fields of a file. Lengths are written anew, so that most results decode and go deeper. */
import type { CtlField, CtlFile, CtlRecord } from '../../daemon/ctl/ctl-file.js'
import { hostileText } from './hostile-text.js'
import type { Random } from './random.js'

/** Tags of texts, in header and record alike: names, issuers, addresses. */
const textTags: ReadonlySet<number> = new Set([2, 3, 4, 5, 6, 14])

export function mutateFile(random: Random, file: CtlFile, others: readonly CtlFile[]): CtlFile {
  const times = 1 + random.below(3)
  let changed = file
  for (let index = 0; index < times; index++) changed = mutateOnce(random, changed, others)
  return changed
}

function mutateOnce(random: Random, file: CtlFile, others: readonly CtlFile[]): CtlFile {
  const choice = random.below(10)
  if (choice < 3 || file.records.length === 0) {
    return { ...file, header: mutateFields(random, file.header) }
  }
  if (choice < 8) {
    const at = random.below(file.records.length)
    const records = file.records.map((record, index) =>
      index === at ? { fields: mutateFields(random, record.fields) } : record,
    )
    return { ...file, records }
  }
  return { ...file, records: mutateOrder(random, file.records, random.pick(others).records) }
}

function mutateFields(random: Random, fields: readonly CtlField[]): readonly CtlField[] {
  if (fields.length === 0) return [randomField(random)]
  const at = random.below(fields.length)
  const field = fields[at] as CtlField
  const replaced = (...put: readonly CtlField[]) => [...fields.slice(0, at), ...put, ...fields.slice(at + 1)]
  switch (random.below(8)) {
    case 0:
      return replaced()
    case 1:
      return replaced(field, field)
    case 2:
      return replaced(field, randomField(random))
    case 3:
      return mutateOrder(random, fields, fields)
    case 4:
      return replaced({ kind: 'padding', form: random.oneIn(2) ? 'lone' : 'record' }, field)
    case 5:
      return field.kind === 'value' ? replaced({ ...field, tag: 1 + random.below(30) }) : fields
    default:
      return replaced(mutateField(random, field))
  }
}

function mutateField(random: Random, field: CtlField): CtlField {
  if (field.kind === 'padding') return { kind: 'padding', form: field.form === 'lone' ? 'record' : 'lone' }
  if (field.kind === 'container') return { ...field, fields: mutateFields(random, field.fields) }
  if (textTags.has(field.tag) && random.oneIn(2)) return { ...field, value: hostileText(random) }
  return { ...field, value: mutateValue(random, field.value) }
}

/** Flips bits inside, or makes it shorter or longer: a certificate stays nearly one. */
function mutateValue(random: Random, value: Uint8Array): Uint8Array {
  const choice = random.below(6)
  if (choice === 0) return value.subarray(0, random.below(value.length + 1))
  if (choice === 1) return Uint8Array.of(...value.subarray(0, 2000), ...random.bytes(random.below(40)))
  if (choice === 2) return random.bytes(random.below(8))
  const changed = Uint8Array.from(value)
  for (let times = 1 + random.below(4); times > 0 && changed.length > 0; times--) {
    const at = random.below(changed.length)
    changed[at] = random.oneIn(3) ? random.pick([0, 1, 0x7f, 0x80, 0xff]) : random.next() & 0xff
  }
  return changed
}

function randomField(random: Random): CtlField {
  if (random.oneIn(4)) return { kind: 'value', tag: 1 + random.below(15), value: hostileText(random) }
  return { kind: 'value', tag: 1 + random.below(255), value: random.bytes(random.below(12)) }
}

function mutateOrder<Item extends CtlRecord | CtlField>(
  random: Random,
  items: readonly Item[],
  others: readonly Item[],
): Item[] {
  const at = random.below(items.length)
  const item = items[at] as Item
  const without = [...items.slice(0, at), ...items.slice(at + 1)]
  switch (random.below(5)) {
    case 0:
      return without
    case 1:
      return [item, ...without]
    case 2:
      return [...items, item]
    case 3:
      return [...without, random.pick(others.length > 0 ? others : items)]
    default: {
      // Many small records or fields, seldom: a loop over them must not be quadratic.
      const times = random.oneIn(300) ? 20_000 : 3
      return [...items, ...Array.from({ length: times }, () => items.at(-1) as Item)]
    }
  }
}
