/** RFC 7468: base64 in lines of 64 between its labels. */
export function pemText(label: string, base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

/** The certificates in a PEM (RFC 7468), or the one that DER is. */
export function certificateBytes(bytes: Uint8Array): Uint8Array[] {
  const text = Buffer.from(bytes).toString('latin1')
  const found = text.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)
  const certificates = [...found].map(([, base64 = '']) => new Uint8Array(Buffer.from(base64, 'base64')))
  return certificates.length > 0 ? certificates : [bytes]
}
