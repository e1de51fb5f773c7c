/** The packets of TFTP (RFC 1350 §5) with options (RFC 2347). Pure. */

export type TftpPacket =
  | { readonly kind: 'data'; readonly block: number; readonly data: Uint8Array }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  | { readonly kind: 'optionsAccepted'; readonly options: ReadonlyMap<string, string> }

const opcode = { readRequest: 1, data: 3, acknowledge: 4, error: 5, optionsAccepted: 6 } as const

/** RFC 1350 appendix, RFC 2347 §6. */
export const tftpError = {
  notDefined: 0,
  fileNotFound: 1,
  accessViolation: 2,
  diskFull: 3,
  illegalOperation: 4,
  unknownTransfer: 5,
  optionRefused: 8,
} as const

/** More than this of an error's text is not shown to anybody. */
const LONGEST_MESSAGE = 200

/** Asks for a file in binary; the names of the options are given in lower case. */
export function readRequest(file: string, options: ReadonlyMap<string, string>): Uint8Array {
  const words = [file, 'octet', ...[...options].flat()]
  return Buffer.concat([
    opcodeBytes(opcode.readRequest),
    Buffer.from(words.map((word) => `${word}\0`).join('')),
  ])
}

export function acknowledge(block: number): Uint8Array {
  return Buffer.concat([opcodeBytes(opcode.acknowledge), word(block)])
}

export function errorPacket(code: number, message: string): Uint8Array {
  return Buffer.concat([opcodeBytes(opcode.error), word(code), Buffer.from(`${message}\0`)])
}

/** What a server sent, or undefined when a server would not send that. */
export function readTftpPacket(bytes: Uint8Array): TftpPacket | undefined {
  const packet = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (packet.length < 4) return undefined
  switch (packet.readUInt16BE(0)) {
    case opcode.data:
      return { kind: 'data', block: packet.readUInt16BE(2), data: Uint8Array.from(packet.subarray(4)) }
    case opcode.error:
      return { kind: 'error', code: packet.readUInt16BE(2), message: messageOf(packet.subarray(4)) }
    case opcode.optionsAccepted:
      return readOptions(packet.subarray(2))
    default:
      return undefined
  }
}

/** Servers forget the NUL at the end at times. */
function messageOf(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  const text = bytes.subarray(0, end < 0 ? bytes.length : end).toString('utf8')
  return Array.from(text).slice(0, LONGEST_MESSAGE).join('')
}

function readOptions(bytes: Buffer): TftpPacket | undefined {
  if (bytes.at(-1) !== 0) return undefined
  const words = bytes.subarray(0, -1).toString('latin1').split('\0')
  if (words.length % 2 !== 0) return undefined
  const options = new Map<string, string>()
  for (let index = 0; index < words.length; index += 2) {
    // RFC 2347: names of options are compared without regard to case.
    options.set((words[index] ?? '').toLowerCase(), words[index + 1] ?? '')
  }
  return { kind: 'optionsAccepted', options }
}

const opcodeBytes = (code: number): Buffer => word(code)

function word(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}
