/** Files written by hand, without the code under test, so that they can lie. */

type Part = number | string | readonly number[] | Uint8Array

export function bytes(...parts: readonly Part[]): number[] {
  return parts.flatMap((part) => {
    if (typeof part === 'number') return [part]
    return typeof part === 'string' ? [...Buffer.from(part, 'utf8')] : [...part]
  })
}

export function tlv(tag: number, ...parts: readonly Part[]): number[] {
  const value = bytes(...parts)
  return [tag, value.length >> 8, value.length & 0xff, ...value]
}

export const word = (value: number): number[] => [value >> 8, value & 0xff]

export const signerId = (extra: number[] = []): number[] =>
  tlv(3, tlv(4, 'CN=A\0'), tlv(5, [1, 2]), tlv(6, 'CN=B\0'), extra)

export const signatureInfo = (digest = 1, modulus = 1, algorithm = 0, extra: number[] = []): number[] =>
  tlv(7, tlv(8, [digest]), tlv(9, tlv(10, [algorithm]), tlv(11, [modulus]), extra))

export const signature = (length = 128): number[] => tlv(12, new Uint8Array(length).fill(7))

export const fileName = (): number[] => tlv(14, 'CTLFile.tlv\0')

export const timestamp = (): number[] => tlv(15, [0x54, 0xfa, 0x02, 0x17])

export const usualHeader = (): number[] =>
  bytes(signerId(), signatureInfo(), signature(), fileName(), timestamp(), 13, 13, 13)

/** A record with the right length, or with the length given. */
export function record(fields: number[], length = fields.length + 5): number[] {
  return bytes(tlv(1, word(length)), fields)
}

export const stub = (): number[] =>
  record(bytes(tlv(2, '10.48.47.153\0'), tlv(4, [0, 2]), tlv(10, [10, 48, 47, 153])))

/** A file of these header fields and records, with the right header length or the one given. */
export function file(header: number[], records: number[] = stub(), length = header.length + 10): Uint8Array {
  return Uint8Array.from(bytes(tlv(1, [1, 2]), tlv(2, word(length)), header, records))
}
