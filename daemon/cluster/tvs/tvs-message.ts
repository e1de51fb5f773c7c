/**
 * The messages of the Trust Verification Service. Pure. Ten bytes of header: 57, version 1, type, 0, session id (4),
 * length of what follows (2); then elements: tag (1), length (2), value. Integers are big-endian. Known from the
 * open-source server and client of usecallmanager.nz; of query (3, 4) only a part is, so it is not sent.
 */
import type { TvsAnswer } from '../ports.js'

export const TVS_HEADER_LENGTH = 10

const PROTOCOL = 0x57
const VERSION = 1

export const tvsType = { verifyRequest: 1, verifyResponse: 2 } as const

const tag = { deviceName: 1, certificate: 2, status: 7, roles: 8, ttl: 9 } as const

/** Stands before a device's name; its meaning is documented nowhere. */
const DEVICE_NAME_KIND = 1

/** What is wrong with a message, and at which of its bytes. */
export class TvsRefusal extends Error {
  override readonly name = 'TvsRefusal'
  readonly offset: number

  constructor(what: string, offset: number) {
    super(what)
    this.offset = offset
  }
}

export interface TvsHeader {
  readonly type: number
  readonly session: number
  /** Bytes after the header. */
  readonly length: number
}

export interface TvsElement {
  readonly tag: number
  readonly value: Uint8Array
  /** Of its tag, in the message. */
  readonly offset: number
}

/** Throws RangeError for a certificate or a name that the format cannot hold. */
export function encodeVerifyRequest(
  session: number,
  deviceName: string,
  certificate: Uint8Array,
): Uint8Array {
  const name = new TextEncoder().encode(deviceName)
  const content = [
    ...element(tag.deviceName, Uint8Array.of(DEVICE_NAME_KIND, ...name)),
    ...element(tag.certificate, certificate),
  ]
  const header = [PROTOCOL, VERSION, tvsType.verifyRequest, 0, ...word32(session), ...word16(content.length)]
  return Uint8Array.from([...header, ...content])
}

const element = (elementTag: number, value: Uint8Array): number[] => [
  elementTag,
  ...word16(value.length),
  ...value,
]

function word16(value: number): number[] {
  if (value > 0xffff) throw new RangeError(`${value} bytes do not fit`)
  return [value >> 8, value & 0xff]
}

const word32 = (value: number): number[] => [...word16(value >>> 16), ...word16(value & 0xffff)]

/** Of the first ten bytes; fewer are refused. */
export function decodeTvsHeader(bytes: Uint8Array): TvsHeader {
  if (bytes.length < TVS_HEADER_LENGTH) throw new TvsRefusal('the header ends early', bytes.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  expectByte(view, 0, PROTOCOL, 'it does not begin as a message of TVS')
  expectByte(view, 1, VERSION, 'it is of another version')
  expectByte(view, 3, 0, 'a byte that is always zero is not')
  return { type: view.getUint8(2), session: view.getUint32(4), length: view.getUint16(8) }
}

function expectByte(view: DataView, offset: number, wanted: number, otherwise: string): void {
  if (view.getUint8(offset) !== wanted) throw new TvsRefusal(otherwise, offset)
}

/** The elements of a whole message, which they fill exactly. */
export function decodeTvsElements(message: Uint8Array): readonly TvsElement[] {
  const { length } = decodeTvsHeader(message)
  const end = TVS_HEADER_LENGTH + length
  if (message.length !== end) {
    throw new TvsRefusal(`its length says ${end} bytes and it has ${message.length}`, 8)
  }
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  const elements: TvsElement[] = []
  for (let offset = TVS_HEADER_LENGTH; offset < end; ) {
    if (offset + 3 > end) throw new TvsRefusal('an element ends in its own header', offset)
    const size = view.getUint16(offset + 1)
    const next = offset + 3 + size
    if (next > end) throw new TvsRefusal(`an element of ${size} bytes sticks out of the message`, offset)
    elements.push({ tag: view.getUint8(offset), value: message.slice(offset + 3, next), offset })
    offset = next
  }
  return elements
}

/** The answer to the verify request of this session. Elements that are not known are passed over. */
export function decodeVerifyResponse(message: Uint8Array, session: number): TvsAnswer {
  const header = decodeTvsHeader(message)
  if (header.type !== tvsType.verifyResponse) {
    throw new TvsRefusal(
      `it has type ${header.type}, and an answer to verify has ${tvsType.verifyResponse}`,
      2,
    )
  }
  if (header.session !== session) throw new TvsRefusal('it belongs to another session', 4)
  const elements = decodeTvsElements(message)
  const status = only(elements, tag.status, 1)
  if (status === undefined) throw new TvsRefusal('it has no status', message.length)
  const [value = 0xff] = status.value
  if (value > 1) throw new TvsRefusal(`its status ${value} is unknown`, status.offset)
  const ttl = only(elements, tag.ttl, 4)?.value
  return {
    isTrusted: value === 0,
    roles: [...(only(elements, tag.roles)?.value ?? [])],
    ttl: ttl && new DataView(ttl.buffer, ttl.byteOffset).getUint32(0),
  }
}

function only(elements: readonly TvsElement[], wanted: number, size?: number): TvsElement | undefined {
  const [found, second] = elements.filter((entry) => entry.tag === wanted)
  if (second !== undefined) throw new TvsRefusal(`it has element ${wanted} twice`, second.offset)
  if (found !== undefined && size !== undefined && found.value.length !== size) {
    throw new TvsRefusal(`element ${wanted} has ${found.value.length} bytes instead of ${size}`, found.offset)
  }
  return found
}
