import type { KeyObject } from 'node:crypto'
import { hex } from '../../ctl/bytes.js'
import { CtlError } from '../../ctl/ctl-error.js'
import { type CtlFile, decodeCtlFile } from '../../ctl/ctl-file.js'
import { recordText, recordValue } from '../../ctl/record-fields.js'
import { recordTag } from '../../ctl/tags.js'
import { takeToBeSigned } from '../../ctl/to-be-signed.js'
import { identityOf, readKey } from '../certificate/certificate.js'
import { checkHeaderSignature } from './check-header-signature.js'
import { type CheckedRecord, checkRecords } from './check-records.js'
import { findSigner } from './find-signer.js'
import type { CtlProblem, CtlSigner } from './verdict.js'

export interface CheckedCtl {
  /** Undefined when the bytes do not decode; then there is one problem and nothing else. */
  readonly file: CtlFile | undefined
  readonly records: readonly CheckedRecord[]
  readonly signer: CtlSigner | undefined
  /** Everything that makes the file invalid, in the order records, signer, signature. */
  readonly problems: readonly CtlProblem[]
}

/** Whether the bytes are a CTL whose signature was made by one of its own SAST records. Never throws. */
export function checkCtlFile(bytes: Uint8Array): CheckedCtl {
  let file: CtlFile
  try {
    file = decodeCtlFile(bytes)
  } catch (error) {
    return { file: undefined, records: [], signer: undefined, problems: [problemOf(error)] }
  }
  const records = checkRecords(file)
  const problems = records.flatMap((record) => record.problems)
  let signer: CtlSigner | undefined
  try {
    const found = readSigner(file, records)
    signer = found.signer
    checkHeaderSignature(file, takeToBeSigned(file), found.key, { record: signer.record })
  } catch (error) {
    const problem = problemOf(error)
    // A signer without certificate was said with its record.
    if (!problems.some(({ code, at }) => code === problem.code && at.record === problem.at.record)) {
      problems.push(problem)
    }
  }
  return { file, records, signer, problems }
}

function problemOf(error: unknown): CtlProblem {
  if (!(error instanceof CtlError)) throw error
  return { code: error.code, detail: error.message, at: error.place }
}

function readSigner(file: CtlFile, records: readonly CheckedRecord[]): { key: KeyObject; signer: CtlSigner } {
  const { record, number, certificate, problems } = signerRecord(file, records)
  if (certificate === undefined) {
    const code = problems[0]?.code ?? 'CTL_CERTIFICATE_MISSING'
    throw new CtlError(code, 'The signer has no certificate.', { record: number })
  }
  const key = readKey(certificate)
  const keyBits = key?.asymmetricKeyType === 'rsa' ? key.asymmetricKeyDetails?.modulusLength : undefined
  if (key === undefined || keyBits === undefined) {
    throw new CtlError('CTL_SIGNER_KEY_UNSUPPORTED', "The signer's key is not RSA.", { record: number })
  }
  const signer: CtlSigner = {
    record: number,
    subject: recordText(record, recordTag.subjectName) ?? '',
    issuer: recordText(record, recordTag.issuerName) ?? '',
    serial: hex(recordValue(record, recordTag.serialNumber) ?? new Uint8Array(), ':').toUpperCase(),
    certificateSha256: identityOf(certificate).sha256,
    keyBits,
  }
  return { key, signer }
}

function signerRecord(file: CtlFile, records: readonly CheckedRecord[]): CheckedRecord {
  const found = records[findSigner(file)]
  if (found === undefined) throw new CtlError('CTL_SIGNER_MISSING', 'The signer has no record.')
  return found
}
