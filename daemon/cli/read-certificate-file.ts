/** Reads the certificate file a person named. */
import { BridgeError } from '../bridge-error.js'
import { CtlError } from '../ctl/ctl-error.js'
import { readCertificate } from '../trust/certificate.js'
import { readInputFile } from './read-input-file.js'

/**
 * DER of the one certificate in a PEM (RFC 7468) or DER file. Keys and other parts of a PEM are passed over; a
 * file with several certificates is refused, because which of them is meant is not said anywhere. Rejects with
 * FILE_UNREADABLE or CERTIFICATE_FILE_UNCLEAR.
 */
export async function readCertificateFile(name: string): Promise<Uint8Array> {
  const der = onlyCertificate(await readInputFile(name), name)
  try {
    readCertificate(der)
    return der
  } catch (error) {
    if (!(error instanceof CtlError)) throw error
    throw unclear(name, error.message)
  }
}

function onlyCertificate(bytes: Uint8Array, name: string): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1')
  if (!text.includes('-----BEGIN ')) return bytes
  const found = [...text.matchAll(certificateBlock)].map(([, base64 = '']) => base64.replace(/\s/g, ''))
  const [only, another] = new Set(found)
  if (only === undefined) throw unclear(name, 'There is no certificate in this PEM file.')
  if (another === undefined) return new Uint8Array(Buffer.from(only, 'base64'))
  throw unclear(
    name,
    `There are ${new Set(found).size} certificates in it; keep the one that is meant (openssl x509 -in FILE -out ONE writes the first).`,
  )
}

const certificateBlock =
  /-----BEGIN (?:X509 )?CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END (?:X509 )?CERTIFICATE-----/g

const unclear = (file: string, detail: string): BridgeError =>
  new BridgeError('CERTIFICATE_FILE_UNCLEAR', detail, { file })
