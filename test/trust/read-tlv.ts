/**
 * A reader of CTL files written from the description of the format alone. It shares no code with the product, so
 * that it can contradict it: tags, lengths and what is signed.
 */

export interface Tlv {
  readonly tag: number
  readonly value: Buffer
}

/** What a CTL and a signed configuration file have in common. */
export interface ReadSigned {
  readonly headerLength: number
  /** VERSION and HEADERLENGTH included; containers are opened; padding is tag 13 with an empty value. */
  readonly header: readonly Tlv[]
  readonly message: Buffer
  readonly signature: Buffer
  /** Where its value begins in the file. */
  readonly signatureAt: number
}

export interface ReadCtl extends ReadSigned {
  readonly records: readonly {
    readonly length: number
    readonly fields: readonly Tlv[]
    readonly bytes: Buffer
  }[]
}

const containers = [3, 7, 9]

type Visit = (tlv: Tlv, at: number) => void

function walkHeader(bytes: Buffer, start: number, end: number, visit: Visit): void {
  for (let at = start; at < end; ) {
    if (bytes[at] === 13) {
      // `0D 00 00` is a field without a value, any other 0D a lone byte.
      visit({ tag: 13, value: Buffer.alloc(0) }, at)
      at += at + 3 <= end && bytes.readUInt16BE(at + 1) === 0 ? 3 : 1
      continue
    }
    const tlv = readTlv(bytes, at, end)
    visit(tlv, at)
    if (containers.includes(tlv.tag)) walkHeader(bytes, at + 3, at + 3 + tlv.value.length, visit)
    at += 3 + tlv.value.length
  }
}

function readTlv(bytes: Buffer, at: number, end: number): Tlv {
  const length = bytes.readUInt16BE(at + 1)
  if (at + 3 + length > end) throw new Error(`the field at ${at} reaches over ${end}`)
  return { tag: bytes.readUInt8(at), value: bytes.subarray(at + 3, at + 3 + length) }
}

export function readSigned(file: Uint8Array): ReadSigned {
  const bytes = Buffer.from(file)
  const headerLength = bytes.readUInt16BE(8)
  const header: Tlv[] = []
  let signature: { at: number; length: number } | undefined
  walkHeader(bytes, 0, headerLength, (tlv, at) => {
    header.push(tlv)
    if (tlv.tag === 12) signature = { at, length: tlv.value.length }
  })
  if (signature === undefined) throw new Error('no signature')
  const end = signature.at + 3 + signature.length
  return {
    headerLength,
    header,
    message: Buffer.concat([bytes.subarray(0, signature.at), bytes.subarray(end)]),
    signature: bytes.subarray(signature.at + 3, end),
    signatureAt: signature.at + 3,
  }
}

export function readCtl(file: Uint8Array): ReadCtl {
  const bytes = Buffer.from(file)
  const signed = readSigned(file)
  const records: ReadCtl['records'][number][] = []
  for (let at = signed.headerLength; at < bytes.length; ) {
    if (bytes[at] !== 1 || bytes.readUInt16BE(at + 1) !== 2) throw new Error(`no record at ${at}`)
    const length = bytes.readUInt16BE(at + 3)
    const fields: Tlv[] = []
    for (let field = at; field < at + length; field += 3 + (fields.at(-1)?.value.length ?? 0)) {
      fields.push(readTlv(bytes, field, at + length))
    }
    records.push({ length, fields, bytes: bytes.subarray(at, at + length) })
    at += length
  }
  return { ...signed, records }
}

/** The value of the first field with this tag. */
export const fieldBytes = (fields: readonly Tlv[], tag: number): Buffer | undefined =>
  fields.find((field) => field.tag === tag)?.value
