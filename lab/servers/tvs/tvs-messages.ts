/**
 * Messages of TVS as a server reads and writes them. All integers big-endian: 0x57, version 1, type, a zero byte, session
 * (4 bytes), length of what follows (2), then elements: tag (1), length (2), value. The open-source TVS server and client
 * show types 1 and 2 whole.
 */

export const messageTypes = { verify: 1, verifyAnswer: 2, query: 3, queryAnswer: 4 } as const

export const elements = {
  deviceName: 1,
  certificate: 2,
  subject: 3,
  /** The lab's own: what CUCM's phones send after element 3 is not known. Text with a NUL. */
  labIssuer: 4,
  /** The lab's own. Bytes as they stand in the CTL. */
  labSerial: 5,
  status: 7,
  roles: 8,
  ttl: 9,
} as const

export const statuses = { valid: 0, invalid: 1 } as const

const MAGIC = 0x57
const VERSION = 1
export const HEADER_LENGTH = 10

export interface TvsMessage {
  readonly type: number
  readonly session: number
  readonly elements: ReadonlyMap<number, Buffer>
}

/** What a client gets no answer for: it is cut off. */
export class TvsFormatError extends Error {}

/**
 * The first message in what has arrived, with what is left after it; undefined while it is not whole. Throws
 * TvsFormatError as soon as it can only be wrong.
 */
export function takeMessage(bytes: Buffer): { message: TvsMessage; rest: Buffer } | undefined {
  if (bytes.length > 0 && bytes[0] !== MAGIC)
    throw new TvsFormatError(`begins with byte 0x${(bytes[0] ?? 0).toString(16)}, not 0x57`)
  if (bytes.length > 1 && bytes[1] !== VERSION)
    throw new TvsFormatError(`version ${bytes[1]}, not ${VERSION}`)
  if (bytes.length < HEADER_LENGTH) return undefined
  const end = HEADER_LENGTH + bytes.readUInt16BE(8)
  if (bytes.length < end) return undefined
  return {
    message: {
      type: bytes.readUInt8(2),
      session: bytes.readUInt32BE(4),
      elements: readElements(bytes.subarray(0, end)),
    },
    rest: bytes.subarray(end),
  }
}

function readElements(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>()
  let at = HEADER_LENGTH
  while (at < bytes.length) {
    if (at + 3 > bytes.length) throw new TvsFormatError(`an element at byte ${at} is cut off`)
    const tag = bytes.readUInt8(at)
    const from = at + 3
    at = from + bytes.readUInt16BE(at + 1)
    if (at > bytes.length) throw new TvsFormatError(`element ${tag} reaches past the message's end`)
    if (found.has(tag)) throw new TvsFormatError(`element ${tag} stands in it twice`)
    found.set(tag, bytes.subarray(from, at))
  }
  return found
}

export function writeMessage(
  type: number,
  session: number,
  content: ReadonlyArray<readonly [tag: number, value: Uint8Array]>,
): Buffer {
  const body = Buffer.concat(
    content.map(([tag, value]) => {
      const head = Buffer.alloc(3)
      head.writeUInt8(tag, 0)
      head.writeUInt16BE(value.length, 1)
      return Buffer.concat([head, value])
    }),
  )
  const header = Buffer.alloc(HEADER_LENGTH)
  header.writeUInt8(MAGIC, 0)
  header.writeUInt8(VERSION, 1)
  header.writeUInt8(type, 2)
  header.writeUInt32BE(session, 4)
  header.writeUInt16BE(body.length, 8)
  return Buffer.concat([header, body])
}
