/** Equality of two byte strings that are no secrets. */
export function sameBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}

/** Big-endian unsigned integer of up to 4 bytes. */
export function readUnsigned(bytes: Uint8Array): number {
  let value = 0
  for (const byte of bytes) value = value * 256 + byte
  return value
}

/** `value` as `length` bytes, big-endian. The caller has checked the range. */
export function unsigned(value: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let index = length - 1, rest = value; index >= 0; index--, rest = Math.floor(rest / 256)) {
    bytes[index] = rest % 256
  }
  return bytes
}

const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lower-case hex, two digits a byte, `separator` between the bytes. */
export function hex(bytes: Uint8Array, separator = ''): string {
  return Array.from(bytes, (byte) => hexDigits[byte]).join(separator)
}

export function isAllZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}

/** The same memory as a plain Uint8Array: a Buffer's subarrays would be Buffers. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
