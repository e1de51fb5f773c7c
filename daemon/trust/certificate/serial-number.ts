import { sameBytes } from '../../ctl/bytes.js'

/** A serial without the zero byte that DER puts before a high bit; certutils writes it so. */
export function serialNumber(derContent: Uint8Array): Uint8Array {
  const first = derContent.findIndex((byte) => byte !== 0)
  return first < 0 ? derContent.slice(-1) : derContent.slice(first)
}

export function reversed(bytes: Uint8Array): Uint8Array {
  return bytes.toReversed()
}

/**
 * How a record's serial stands to its certificate's (`derContent`). The CTL Client writes a token's byte-reversed,
 * so both orders are the certificate's.
 */
export function serialOrder(
  serial: Uint8Array,
  derContent: Uint8Array,
): 'certificate' | 'reversed' | 'other' {
  const own = serialNumber(derContent)
  if (sameBytes(serial, own) || sameBytes(serial, derContent)) return 'certificate'
  return sameBytes(serial, reversed(own)) ? 'reversed' : 'other'
}
