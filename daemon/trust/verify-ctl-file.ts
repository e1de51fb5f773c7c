import type { KeyObject } from 'node:crypto'
import { hex } from '../ctl/bytes.js'
import { CtlError } from '../ctl/ctl-error.js'
import { type CtlFile, decodeCtlFile } from '../ctl/ctl-file.js'
import { digestOf } from '../ctl/header-fields.js'
import { recordText, recordValue } from '../ctl/record-fields.js'
import { recordTag } from '../ctl/tags.js'
import { takeToBeSigned } from '../ctl/to-be-signed.js'
import { identityOf, readKey } from './certificate.js'
import type { CertificateParts } from './certificate-parts.js'
import { checkHeaderSignature } from './check-header-signature.js'
import { checkRecords } from './check-records.js'
import { findSigner } from './find-signer.js'
import { fileFindings, signerFindings, validityFindings } from './findings.js'
import type { CtlProblem, CtlSigner, CtlVerdict, Finding } from './verdict.js'

/**
 * Whether a file is a CTL whose signature was made by one of its own SAST records. Never throws: what does
 * not decode is invalid, with the decoder's code and offset. Expiry is looked at only when `at` is given,
 * and never makes a file invalid.
 */
export function verifyCtlFile(bytes: Uint8Array, options: { readonly at?: Date } = {}): CtlVerdict {
  let file: CtlFile
  try {
    file = decodeCtlFile(bytes)
  } catch (error) {
    return { verdict: 'invalid', problem: problemOf(error), findings: [] }
  }
  const findings = fileFindings(file, bytes.length)
  const known: { signer?: CtlSigner } = {}
  try {
    const certificates = checkRecords(file)
    if (options.at !== undefined) findings.push(...validityFindings(certificates, options.at))
    const { key, signer } = readSigner(file, certificates, findings)
    known.signer = signer
    checkHeaderSignature(file, takeToBeSigned(file), key, { record: signer.record })
    return { verdict: 'valid', signer, digest: digestOf(file), findings }
  } catch (error) {
    return { verdict: 'invalid', problem: problemOf(error), ...known, digest: digestOf(file), findings }
  }
}

function problemOf(error: unknown): CtlProblem {
  if (!(error instanceof CtlError)) throw error
  return { code: error.code, detail: error.message, at: error.place }
}

function readSigner(
  file: CtlFile,
  certificates: readonly (CertificateParts | undefined)[],
  findings: Finding[],
): { key: KeyObject; signer: CtlSigner } {
  const index = findSigner(file)
  const record = file.records[index]
  const certificate = certificates[index]
  if (record === undefined || certificate === undefined) {
    throw new CtlError('CTL_CERTIFICATE_MISSING', 'The signer has no certificate.', { record: index + 1 })
  }
  findings.push(...signerFindings(file, index))
  const key = readKey(certificate)
  const keyBits = key?.asymmetricKeyType === 'rsa' ? key.asymmetricKeyDetails?.modulusLength : undefined
  if (key === undefined || keyBits === undefined) {
    throw new CtlError('CTL_SIGNER_KEY_UNSUPPORTED', "The signer's key is not RSA.", { record: index + 1 })
  }
  const signer: CtlSigner = {
    record: index + 1,
    subject: recordText(record, recordTag.subjectName) ?? '',
    issuer: recordText(record, recordTag.issuerName) ?? '',
    serial: hex(recordValue(record, recordTag.serialNumber) ?? new Uint8Array(), ':').toUpperCase(),
    certificateSha256: identityOf(certificate).sha256,
    keyBits,
  }
  return { key, signer }
}
