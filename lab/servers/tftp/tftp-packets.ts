/** TFTP packets as a server reads and writes them: RFC 1350 §5, options by RFC 2347. */

/** RFC 1350 §5 and RFC 2347. */
export const errorCodes = {
  notDefined: 0,
  fileNotFound: 1,
  accessViolation: 2,
  illegalOperation: 4,
  unknownTransferId: 5,
} as const

export type ClientPacket =
  | {
      readonly kind: 'read' | 'write'
      readonly file: string
      /** Lower case. */
      readonly mode: string
      /** Names in lower case, in the order of the request. */
      readonly options: ReadonlyMap<string, string>
    }
  | { readonly kind: 'acknowledgement'; readonly block: number }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }

const opcodes = {
  read: 1,
  write: 2,
  data: 3,
  acknowledgement: 4,
  error: 5,
  optionAcknowledgement: 6,
} as const

/** undefined: no packet that a client of a server may send. */
export function readPacket(bytes: Buffer): ClientPacket | undefined {
  if (bytes.length < 4) return undefined
  const opcode = bytes.readUInt16BE(0)
  if (opcode === opcodes.read) return readRequest('read', bytes)
  if (opcode === opcodes.write) return readRequest('write', bytes)
  if (opcode === opcodes.acknowledgement) return { kind: 'acknowledgement', block: bytes.readUInt16BE(2) }
  if (opcode !== opcodes.error) return undefined
  const [message = ''] = bytes.toString('latin1', 4).split('\0')
  return { kind: 'error', code: bytes.readUInt16BE(2), message }
}

function readRequest(kind: 'read' | 'write', bytes: Buffer): ClientPacket | undefined {
  if (bytes.at(-1) !== 0) return undefined
  const [file = '', mode, ...rest] = bytes.toString('utf8', 2, bytes.length - 1).split('\0')
  if (file === '' || mode === undefined || rest.length % 2 !== 0) return undefined
  const options = new Map<string, string>()
  for (let index = 0; index < rest.length; index += 2) {
    const name = (rest[index] ?? '').toLowerCase()
    // RFC 2347: an option stands in a request once; the first counts.
    if (!options.has(name)) options.set(name, rest[index + 1] ?? '')
  }
  return { kind, file, mode: mode.toLowerCase(), options }
}

/** `block` counts on from 1 and is cut to 16 bits here: after 65535 comes 0, as servers do it. */
export function dataPacket(block: number, content: Uint8Array): Buffer {
  const packet = Buffer.allocUnsafe(4 + content.length)
  packet.writeUInt16BE(opcodes.data, 0)
  packet.writeUInt16BE(block & 0xffff, 2)
  packet.set(content, 4)
  return packet
}

export function errorPacket(code: number, message: string): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(opcodes.error, 0)
  head.writeUInt16BE(code, 2)
  return Buffer.concat([head, Buffer.from(`${message}\0`, 'latin1')])
}

export function optionPacket(options: ReadonlyMap<string, string>): Buffer {
  const texts = [...options].flat().map((text) => `${text}\0`)
  return Buffer.concat([Buffer.of(0, opcodes.optionAcknowledgement), Buffer.from(texts.join(''), 'latin1')])
}
