import { CtlError } from '../../daemon/ctl/ctl-error.js'
import { encodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { samples } from './corpus.js'
import { mutateBytes } from './mutate-bytes.js'
import { mutateFile } from './mutate-file.js'
import { Random } from './random.js'

const files = samples.map(({ file }) => file)

/** Beginnings that take random bytes past the first checks. */
const beginnings: readonly (readonly number[])[] = [
  [],
  [1, 0, 2, 1, 2],
  [1, 0, 2, 1, 2, 2, 0, 2, 0, 40],
  [1, 0, 2, 1, 2, 2, 0, 2, 0, 10, 1, 0, 2, 0],
]

/** Input number `index` of a seed: the same bytes every time. */
export function makeInput(seed: number, index: number): Uint8Array {
  const random = new Random(seed, index)
  const choice = random.below(10)
  if (choice === 0) return randomBytes(random)
  const sample = random.pick(samples)
  if (choice < 6) return mutateBytes(random, sample, samples)
  try {
    return encodeCtlFile(mutateFile(random, sample.file, files))
  } catch (error) {
    // Too large a field or file: the encoder's to refuse.
    if (error instanceof CtlError && error.code === 'CTL_NOT_ENCODABLE') return randomBytes(random)
    throw error
  }
}

function randomBytes(random: Random): Uint8Array {
  const length = random.oneIn(5000) ? random.below(1_100_000) : random.below(300)
  const bytes = random.bytes(length)
  bytes.set(random.pick(beginnings).slice(0, length))
  return bytes
}
