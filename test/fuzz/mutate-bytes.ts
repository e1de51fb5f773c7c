/** Changes to the bytes of a file, which lie about lengths and tags. */
import type { Sample } from './corpus.js'
import type { Random } from './random.js'

/** Where a tag with its length stands in a file that decodes. */
interface Mark {
  readonly offset: number
  readonly end: number
}

const marksOfSample = new Map<Sample, readonly Mark[]>()

/** Walks the bytes of a file that is known to be right, into containers as well. */
function marksOf(sample: Sample): readonly Mark[] {
  const known = marksOfSample.get(sample)
  if (known) return known
  const marks: Mark[] = []
  const headerEnd = wordAt(sample.bytes, 8)
  walk(sample.bytes, 0, headerEnd, true, marks)
  walk(sample.bytes, headerEnd, sample.bytes.length, false, marks)
  marksOfSample.set(sample, marks)
  return marks
}

function walk(bytes: Uint8Array, start: number, end: number, isHeader: boolean, marks: Mark[]): void {
  for (let offset = start; offset + 3 <= end; ) {
    const tag = bytes[offset] ?? 0
    if (isHeader && tag === 13 && wordAt(bytes, offset + 1) !== 0) {
      offset++
      continue
    }
    const next = offset + 3 + wordAt(bytes, offset + 1)
    marks.push({ offset, end: next })
    if (isHeader && (tag === 3 || tag === 7 || tag === 9)) walk(bytes, offset + 3, next, true, marks)
    offset = next
  }
}

const wordAt = (bytes: Uint8Array, offset: number): number =>
  (bytes[offset] ?? 0) * 256 + (bytes[offset + 1] ?? 0)

export function mutateBytes(random: Random, sample: Sample, others: readonly Sample[]): Uint8Array {
  let bytes = Uint8Array.from(sample.bytes)
  for (let times = 1 + random.below(3); times > 0; times--) bytes = mutateOnce(random, sample, bytes, others)
  return bytes
}

function mutateOnce(
  random: Random,
  sample: Sample,
  bytes: Uint8Array<ArrayBuffer>,
  others: readonly Sample[],
): Uint8Array<ArrayBuffer> {
  const { offset, end } = random.pick(marksOf(sample))
  switch (random.below(9)) {
    case 0:
      return setWord(bytes, offset + 1, wordAt(bytes, offset + 1) + random.below(5) - 2)
    case 1:
      return setWord(bytes, offset + 1, random.pick([0, 1, 2, 0x7fff, 0x8000, 0xffff, random.below(0x10000)]))
    case 2:
      if (offset < bytes.length) bytes[offset] = random.below(30)
      return bytes
    case 3:
      return bytes.slice(0, random.oneIn(2) ? offset : random.below(bytes.length))
    case 4:
      return joined(bytes.subarray(0, end), bytes.subarray(offset, end), bytes.subarray(end))
    case 5:
      return joined(bytes.subarray(0, offset), bytes.subarray(end))
    case 6:
      return joined(bytes.subarray(0, offset), random.bytes(random.below(8)), bytes.subarray(offset))
    case 7: {
      const other = random.pick(others)
      const from = random.pick(marksOf(other)).offset
      return joined(bytes.subarray(0, offset), other.bytes.subarray(from))
    }
    default:
      if (bytes.length > 0) bytes[random.below(bytes.length)] = random.next() & 0xff
      return bytes
  }
}

function setWord(bytes: Uint8Array<ArrayBuffer>, offset: number, value: number): Uint8Array<ArrayBuffer> {
  if (offset + 2 > bytes.length) return bytes
  bytes[offset] = (value >> 8) & 0xff
  bytes[offset + 1] = value & 0xff
  return bytes
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}
