/** Reads the certificate files a person named: PEM (RFC 7468) or DER. */
import { BridgeError } from '../bridge-error.js'
import { CtlError } from '../ctl/ctl-error.js'
import { type Certificate, readCertificate } from '../trust/certificate/certificate.js'
import { certificateBytes } from './pem-text.js'
import { readInputFile } from './read-input-file.js'

/**
 * The one certificate of a file. A file with several is refused, because which of them is meant is not said
 * anywhere. Rejects with FILE_UNREADABLE or CERTIFICATE_FILE_UNCLEAR.
 */
export async function readCertificateFile(name: string): Promise<Certificate> {
  const found = await readCertificateFiles([name])
  const different = new Set(found.map(({ sha256 }) => sha256)).size
  const [only] = found
  if (only !== undefined && different === 1) return only
  throw unclear(
    name,
    `There are ${different} certificates in it; keep the one that is meant (openssl x509 -in FILE -out ONE writes the first).`,
  )
}

/** All certificates of the files; each has at least one. Keys and other parts of a PEM are passed over. */
export async function readCertificateFiles(names: readonly string[]): Promise<Certificate[]> {
  const certificates: Certificate[] = []
  for (const name of names) certificates.push(...readAll(name, await readInputFile(name)))
  return certificates
}

function readAll(name: string, bytes: Uint8Array): Certificate[] {
  const found = certificateBytes(bytes)
  if (found.length === 0) throw unclear(name, 'There is no certificate in this PEM file.')
  try {
    return found.map(readCertificate)
  } catch (error) {
    if (!(error instanceof CtlError)) throw error
    throw unclear(name, error.message)
  }
}

const unclear = (file: string, detail: string): BridgeError =>
  new BridgeError('CERTIFICATE_FILE_UNCLEAR', detail, { file })
