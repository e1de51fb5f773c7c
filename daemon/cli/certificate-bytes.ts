/** PEM (RFC 7468) or DER as it is. */
export function derOf(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1')
  const [, base64] =
    /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(text) ?? []
  return base64 === undefined ? bytes : new Uint8Array(Buffer.from(base64, 'base64'))
}
