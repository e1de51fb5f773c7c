/** Reads the certificates that a person trusts as issuers. */
import { CtlError } from '../ctl/ctl-error.js'
import { type CertificateParts, readCertificateParts } from '../trust/certificate-parts.js'
import { certificateBytes } from './pem-text.js'
import { readInputFile } from './read-input-file.js'

/** From files of PEM, with one certificate or several, or of DER. Rejects with the name of the file. */
export async function readRoots(names: readonly string[]): Promise<CertificateParts[]> {
  const roots: CertificateParts[] = []
  for (const name of names) roots.push(...readAll(name, await readInputFile(name)))
  return roots
}

function readAll(name: string, bytes: Uint8Array): CertificateParts[] {
  try {
    return certificateBytes(bytes).map(readCertificateParts)
  } catch (error) {
    if (!(error instanceof CtlError)) throw error
    throw new CtlError(error.code, `${name}: ${error.message}`)
  }
}
