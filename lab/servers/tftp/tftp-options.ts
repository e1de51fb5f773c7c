/** What a server grants of the options that a client asks for (RFC 2347). */

export interface Granted {
  /** Bytes of a block. */
  readonly blockSize: number
  /** Milliseconds of silence before a packet is sent again. */
  readonly patience: number
  /** What the acknowledgement of options says, in the order of the request; empty: none is sent. */
  readonly acknowledged: ReadonlyMap<string, string>
}

/** RFC 1350 §2. */
const usualBlockSize = 512
const usualPatience = 1000

/** What is unknown or out of its range is left out of the answer, which means: not granted (RFC 2347). */
export function grantOptions(wanted: ReadonlyMap<string, string>, fileSize: number): Granted {
  const acknowledged = new Map<string, string>()
  let blockSize = usualBlockSize
  let patience = usualPatience
  for (const [name, value] of wanted) {
    const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN
    // RFC 2348: 8 to 65464.
    if (name === 'blksize' && number >= 8) {
      blockSize = Math.min(number, 65464)
      acknowledged.set(name, `${blockSize}`)
    }
    // RFC 2349: 1 to 255 seconds.
    if (name === 'timeout' && number >= 1 && number <= 255) {
      patience = number * 1000
      acknowledged.set(name, value)
    }
    if (name === 'tsize') acknowledged.set(name, `${fileSize}`)
  }
  return { blockSize, patience, acknowledged }
}
