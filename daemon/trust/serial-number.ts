/** A serial without the zero byte that DER puts before a high bit; certutils writes it so. */
export function serialNumber(derContent: Uint8Array): Uint8Array {
  const first = derContent.findIndex((byte) => byte !== 0)
  return first < 0 ? derContent.slice(-1) : derContent.slice(first)
}

export function reversed(bytes: Uint8Array): Uint8Array {
  return bytes.toReversed()
}
