/** Runs targets over one input and says what does not hold. */
import { decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { toProblem } from '../../daemon/problems.js'
import type { Decoded, FuzzTarget } from './targets.js'

export interface Finding {
  readonly target: string
  readonly what: string
}

/** Runs of each target, inputs that decoded, and refusals by code. */
export type Counts = Record<string, number>

/** `onTarget` is called before each run, so that a hang has a name. Which targets run follows from the index. */
export function judgeInput(
  targets: readonly FuzzTarget[],
  bytes: Uint8Array,
  index: number,
  counts: Counts = {},
  onTarget: (position: number) => void = () => undefined,
): Finding[] {
  onTarget(0)
  const decoded = decode(bytes)
  if (decoded.file !== undefined) count(counts, 'decoded')
  return targets.flatMap((target, position) => {
    const isDue = (index + position * 7) % target.oneIn === 0
    if (!isDue || (target.takes === 'decodable' && decoded.file === undefined)) return []
    onTarget(position)
    count(counts, target.name)
    return runTarget(target, bytes, decoded, counts)
  })
}

/** Every target over one input, whatever its share. */
export function judgeFully(targets: readonly FuzzTarget[], bytes: Uint8Array): Finding[] {
  return judgeInput(
    targets.map((target) => ({ ...target, oneIn: 1 })),
    bytes,
    0,
  )
}

function decode(bytes: Uint8Array): Decoded {
  try {
    return { file: decodeCtlFile(bytes) }
  } catch (refusal) {
    return { refusal }
  }
}

/**
 * Milliseconds of processor time that a target may take: ten times what it needs and more, so that only what grows
 * faster than its input is found. A collection or a compilation that falls into a run is forgiven twice.
 */
const allowed = (size: number): number => 500 + size / 200

function runTarget(target: FuzzTarget, bytes: Uint8Array, decoded: Decoded, counts: Counts): Finding[] {
  for (let tries = 3; ; tries--) {
    const before = process.cpuUsage()
    const what = complaintOf(target, bytes, decoded, counts)
    const { user, system } = process.cpuUsage(before)
    const took = (user + system) / 1000
    if (what !== undefined) return [{ target: target.name, what }]
    if (took <= allowed(bytes.length)) return []
    if (tries === 1)
      return [{ target: target.name, what: `${bytes.length} bytes took ${Math.round(took)} ms` }]
  }
}

function complaintOf(
  target: FuzzTarget,
  bytes: Uint8Array,
  decoded: Decoded,
  counts: Counts,
): string | undefined {
  try {
    target.run(bytes, decoded)
    return undefined
  } catch (error) {
    const { code } = toProblem(error)
    if (code !== 'INTERNAL') {
      count(counts, `${target.name} ${code}`)
      return undefined
    }
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
}

function count(counts: Counts, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
