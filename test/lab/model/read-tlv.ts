/** A reader of the file format in a few lines, which shares no code with the product. */
import { type KeyObject, verify } from 'node:crypto'

export interface PlainFile {
  readonly signature: Uint8Array
  readonly isSignedBy: (key: KeyObject) => boolean
}

const DIGEST = 8
const SIGNATURE = 12
const PADDING = 13
const HEADER_LENGTH = 2
const digests = ['', 'sha1', 'sha256', 'sha512']

export function readTlv(bytes: Uint8Array): PlainFile {
  const view = Buffer.from(bytes)
  let offset = 0
  let end = view.length
  let digest = 1
  let found: readonly [number, number] = [0, 0]
  while (offset < end) {
    const tag = view.readUInt8(offset)
    if (tag === PADDING) {
      offset += 1
      continue
    }
    const length = view.readUInt16BE(offset + 1)
    if (tag === HEADER_LENGTH) end = view.readUInt16BE(offset + 3)
    if (tag === DIGEST) digest = view.readUInt8(offset + 3)
    if (tag === SIGNATURE) found = [offset, offset + 3 + length]
    offset += 3 + length
  }
  const [start, stop] = found
  const signature = view.subarray(start + 3, stop)
  const message = Buffer.concat([view.subarray(0, start), view.subarray(stop)])
  return { signature, isSignedBy: (key) => verify(digests[digest], message, key, signature) }
}
