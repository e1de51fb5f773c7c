/**
 * DER as certificates use it (X.690 §8.1 and §10.1): definite lengths in their shortest form, tag numbers below 31.
 * Written here because `show` starts in less time than node-forge needs to load (docs/decisions/0010).
 */

/** One value; its bytes are views into the input. */
export interface DerValue {
  /** The first byte: class, constructed or not, number. */
  readonly identifier: number
  readonly content: Uint8Array
  /** With identifier and length. */
  readonly encoded: Uint8Array
  /** The values inside a constructed one; empty for a primitive one. */
  readonly inside: readonly DerValue[]
}

/** Identifiers of X.690 §8 and RFC 5280. */
export const derType = {
  integer: 0x02,
  bitString: 0x03,
  oid: 0x06,
  utf8String: 0x0c,
  bmpString: 0x1e,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  /** Version of a certificate. */
  context0: 0xa0,
} as const

/** A certificate has about ten levels; a limit keeps hostile input off the stack. */
const DEEPEST = 64
const CONSTRUCTED = 0x20

/** Reads one value that fills `bytes`. Throws Error with a sentence about what is wrong. */
export function readDer(bytes: Uint8Array): DerValue {
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const value = readValue(view, 0, 0)
  if (value.encoded.length !== view.length) throw new Error('bytes follow its end.')
  return value
}

function readValue(bytes: Uint8Array, start: number, depth: number): DerValue {
  if (depth > DEEPEST) throw new Error('its values are nested too deep.')
  const identifier = bytes[start] ?? 0
  if ((identifier & 0x1f) === 0x1f) throw new Error('a tag has more than one byte.')
  const { length, contentStart } = readDerLength(bytes, start + 1)
  const end = contentStart + length
  if (end > bytes.length) throw new Error('it ends too early.')
  const content = bytes.subarray(contentStart, end)
  const isConstructed = (identifier & CONSTRUCTED) !== 0
  return {
    identifier,
    content,
    encoded: bytes.subarray(start, end),
    inside: isConstructed ? readAll(content, depth + 1) : [],
  }
}

function readAll(bytes: Uint8Array, depth: number): DerValue[] {
  const values: DerValue[] = []
  for (let offset = 0; offset < bytes.length; ) {
    const value = readValue(bytes, offset, depth)
    values.push(value)
    offset += value.encoded.length
  }
  return values
}

function readDerLength(bytes: Uint8Array, offset: number): { length: number; contentStart: number } {
  const first = bytes[offset]
  if (first === undefined) throw new Error('it ends too early.')
  if (first < 0x80) return { length: first, contentStart: offset + 1 }
  const count = first & 0x7f
  // 80 is the indefinite form of BER; four bytes of length are more than any file here has.
  if (count === 0 || count > 4) throw new Error('a length is not in the form of DER.')
  if (offset + 1 + count > bytes.length) throw new Error('it ends too early.')
  let length = 0
  for (const byte of bytes.subarray(offset + 1, offset + 1 + count)) length = length * 256 + byte
  if (length < 0x80 || length < 256 ** (count - 1)) throw new Error('a length is not in its shortest form.')
  return { length, contentStart: offset + 1 + count }
}

/** The dotted form of an OBJECT IDENTIFIER (X.690 §8.19). */
export function readOid(content: Uint8Array): string {
  const arcs: number[] = []
  let arc = 0
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    arcs.push(arc)
    arc = 0
  }
  if (arcs.length === 0 || (content.at(-1) ?? 0x80) >= 0x80) throw new Error('an object identifier is cut.')
  const [first = 0, ...others] = arcs
  const root = Math.min(Math.floor(first / 40), 2)
  return [root, first - root * 40, ...others].join('.')
}

const utcTime = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})$/
const generalizedTime = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?(Z|[+-]\d{4})$/

/**
 * UTCTime or GeneralizedTime. RFC 5280 §4.1.2.5 wants seconds and `Z`; older certificates leave the seconds out or
 * name an offset, and are read as well. Years of two digits are 1950 to 2049.
 */
export function readTime({ identifier, content }: DerValue): Date {
  const form = identifier === derType.utcTime ? utcTime : generalizedTime
  const found = form.exec(String.fromCharCode(...content.subarray(0, 40)))
  if (found === null) throw new Error('a time cannot be read.')
  const [year = 0, month = 0, ...rest] = found.slice(1, 7).map((digits) => Number(digits ?? 0))
  const [day = 0, hour = 0, minute = 0, second = 0] = rest
  const century = form === utcTime ? (year < 50 ? 2000 : 1900) : 0
  const local = new Date(0)
  local.setUTCFullYear(century + year, month - 1, day)
  local.setUTCHours(hour, minute, second)
  const holds = local.getUTCMonth() === month - 1 && local.getUTCDate() === day && hour < 24 && minute < 60
  if (!holds || second > 59) throw new Error('a time cannot be.')
  return new Date(local.getTime() - offsetMinutes(found[7] ?? 'Z') * 60_000)
}

function offsetMinutes(zone: string): number {
  if (zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5))
  return zone.startsWith('-') ? -minutes : minutes
}
