/** A reader of CTL files that shares nothing with the product: records with role and certificate, and what was signed. */

interface ReadRecord {
  readonly role: number
  readonly certificate: Buffer
}

interface ReadCtl {
  readonly signature: Buffer
  readonly records: readonly ReadRecord[]
}

interface Field {
  readonly tag: number
  readonly value: Buffer
  /** From the tag on, and behind the value. */
  readonly start: number
  readonly end: number
}

const PADDING = 13

/** Tag, length and value, up to `end`; tag 13 of a header is a lone byte. */
function fieldsFrom(bytes: Buffer, from: number, end: number, isHeader: boolean): Field[] {
  const fields: Field[] = []
  for (let at = from; at < end; ) {
    const tag = bytes.readUInt8(at)
    if (isHeader && tag === PADDING) {
      at += 1
      continue
    }
    const next = at + 3 + bytes.readUInt16BE(at + 1)
    fields.push({ tag, value: bytes.subarray(at + 3, next), start: at, end: next })
    at = next
  }
  return fields
}

const headerEnd = (bytes: Buffer): number => bytes.readUInt16BE(8)

function signatureField(bytes: Buffer): Field {
  const field = fieldsFrom(bytes, 0, headerEnd(bytes), true).find(({ tag }) => tag === 12)
  if (field === undefined) throw new Error('there is no signature')
  return field
}

export function withoutSignature(bytes: Buffer): Buffer {
  const { start, end } = signatureField(bytes)
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)])
}

export function readCtl(bytes: Buffer): ReadCtl {
  const records: ReadRecord[] = []
  for (let at = headerEnd(bytes); at < bytes.length; at += bytes.readUInt16BE(at + 3)) {
    const fields = fieldsFrom(bytes, at, at + bytes.readUInt16BE(at + 3), false)
    const value = (wanted: number) => fields.find(({ tag }) => tag === wanted)?.value ?? Buffer.alloc(2)
    records.push({ role: value(4).readUInt16BE(0), certificate: value(9) })
  }
  return { signature: signatureField(bytes).value, records }
}
