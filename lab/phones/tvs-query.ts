/**
 * The question of a lab phone to TVS and its answer as bytes. Header, types 3 and 4 and elements 1, 3, 7, 8, 9 are
 * known from the open-source TVS; that a query carries issuer (4) and serial (5) in these elements is the lab's own,
 * because what a real phone sends there is not known. Described in lab/README.md; the lab's server writes it on its own.
 */
import type { SignerQuestion } from './trust-list.js'

const MAGIC = 0x57
const VERSION = 1
const QUERY_REQUEST = 3
const QUERY_RESPONSE = 4
const HEADER = 10
/** No answer that a phone understands is longer. */
export const MAX_ANSWER = 4096

const element = { deviceName: 1, subject: 3, issuer: 4, serial: 5, status: 7, roles: 8, ttl: 9 } as const

export interface TvsQueryAnswer {
  readonly isTrusted: boolean
  readonly roles: readonly number[]
  /** Seconds; undefined when TVS gave none. */
  readonly ttl: number | undefined
}

export function encodeQuery(
  question: SignerQuestion,
  /** `CP-7965-SEP001122334455` */
  deviceName: string,
  session: number,
): Buffer {
  const elements = Buffer.concat([
    field(element.deviceName, Buffer.concat([Buffer.of(1), Buffer.from(deviceName, 'latin1')])),
    field(element.subject, question.subject),
    field(element.issuer, question.issuer),
    field(element.serial, question.serial),
  ])
  const header = Buffer.alloc(HEADER)
  header.set([MAGIC, VERSION, QUERY_REQUEST, 0])
  header.writeUInt32BE(session, 4)
  header.writeUInt16BE(elements.length, 8)
  return Buffer.concat([header, elements])
}

function field(tag: number, value: Uint8Array): Buffer {
  const start = Buffer.alloc(3)
  start.writeUInt8(tag, 0)
  start.writeUInt16BE(value.length, 1)
  return Buffer.concat([start, value])
}

/** Bytes that the whole answer has; undefined as long as too little has come to tell. */
export function answerLength(start: Buffer): number | undefined {
  return start.length < HEADER ? undefined : HEADER + start.readUInt16BE(8)
}

/** Throws with a sentence when this is no answer to this session's question. */
export function decodeAnswer(bytes: Buffer, session: number): TvsQueryAnswer {
  if (bytes.length < HEADER || bytes.length !== answerLength(bytes)) throw new Error('the answer is cut off')
  if (bytes[0] !== MAGIC || bytes[1] !== VERSION || bytes[2] !== QUERY_RESPONSE) {
    throw new Error('this is no answer to a query')
  }
  if (bytes.readUInt32BE(4) !== session) throw new Error('the answer is for another session')
  const values = elementsOf(bytes.subarray(HEADER))
  const status = values.get(element.status)
  if (status?.length !== 1) throw new Error('the answer has no status')
  const ttl = values.get(element.ttl)
  if (ttl !== undefined && ttl.length !== 4) throw new Error('the time to live has not four bytes')
  return {
    isTrusted: status[0] === 0,
    roles: [...(values.get(element.roles) ?? [])],
    ttl: ttl?.readUInt32BE(0),
  }
}

function elementsOf(bytes: Buffer): Map<number, Buffer> {
  const values = new Map<number, Buffer>()
  let offset = 0
  while (offset < bytes.length) {
    if (bytes.length - offset < 3) throw new Error('an element is cut off')
    const end = offset + 3 + bytes.readUInt16BE(offset + 1)
    if (end > bytes.length) throw new Error('an element is longer than the answer')
    values.set(bytes.readUInt8(offset), bytes.subarray(offset + 3, end))
    offset = end
  }
  return values
}
