/** How much and how long a node may keep us. */
import { CtlError } from '../../ctl/ctl-error.js'
import { MAX_CTL_BYTES } from '../../ctl/ctl-file.js'

export interface FetchLimits {
  /** The largest file that is taken, in bytes. */
  readonly bytes: number
  /** Milliseconds for the whole. */
  readonly deadline: number
  /** Milliseconds of silence before a TFTP packet is sent again. */
  readonly patience: number
  /** How often a TFTP packet is sent in all. */
  readonly tries: number
}

/**
 * A node in the same city answers in milliseconds; five tries of a second bear a lossy line and let a person wait
 * no longer than that for a node that is off. The deadline ends servers that go on forever.
 */
export const usualLimits: FetchLimits = { bytes: MAX_CTL_BYTES, deadline: 30_000, patience: 1000, tries: 5 }

/** The same refusal that a file of this size on disk gets. */
export function tooLarge(limit: number): CtlError {
  return new CtlError('CTL_TOO_LARGE', `The file has more than ${limit} bytes.`, { offset: limit })
}
