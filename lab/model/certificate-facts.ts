/** What TVS and the pages need of a certificate that somebody uploads. */
import { X509Certificate } from 'node:crypto'

export interface CertificateFacts {
  /** DER. */
  readonly der: Uint8Array
  /** Without leading zeros, in the certificate's order. */
  readonly serial: Uint8Array
  readonly subject: string
  readonly issuer: string
  readonly notAfter: Date
}

/** DER or PEM. Undefined when it is no certificate. */
export function readCertificateFacts(bytes: Uint8Array): CertificateFacts | undefined {
  try {
    const certificate = new X509Certificate(bytes)
    return {
      der: new Uint8Array(certificate.raw),
      serial: withoutZeros(Buffer.from(certificate.serialNumber, 'hex')),
      subject: cucmOrder(certificate.subject),
      issuer: cucmOrder(certificate.issuer),
      notAfter: new Date(certificate.validTo),
    }
  } catch {
    return undefined
  }
}

/** Node prints a line for each attribute in the order of the certificate; CUCM begins with the name. */
function cucmOrder(lines: string | undefined): string {
  const rank = ['CN', 'OU', 'O', 'L', 'ST', 'C']
  const at = (line: string) => (rank.indexOf(line.split('=')[0] ?? '') + rank.length + 1) % (rank.length + 1)
  return (lines ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .sort((one, other) => at(one) - at(other))
    .join(';')
}

export function withoutZeros(serial: Uint8Array): Uint8Array {
  const first = serial.findIndex((byte) => byte !== 0)
  return new Uint8Array(first < 0 ? serial.slice(-1) : serial.slice(first))
}

/**
 * Issuers are compared without their quotation marks, blanks, case and the kind of separator: the CTL Client and CUCM
 * write one name in two ways, and TVS finds tokens by either (TAC 118893). How it compares is not published.
 */
export function sameIssuer(one: string, other: string): boolean {
  return plainName(one) === plainName(other)
}

const plainName = (name: string): string =>
  name
    .toLowerCase()
    .split(/[;,]/)
    .map((part) => part.replaceAll('"', '').trim())
    .sort()
    .join(';')
