import { sameBytes } from '../../ctl/bytes.js'
import { CtlError } from '../../ctl/ctl-error.js'
import {
  type CtlFile,
  type CtlRecord,
  RECORD_START,
  recordOffsets,
  valueOffset,
} from '../../ctl/ctl-field.js'
import { certificateOf, functionOf, recordValue } from '../../ctl/record-fields.js'
import { recordTag, SAST } from '../../ctl/tags.js'
import { type CertificateParts, readCertificateParts } from '../certificate/certificate-parts.js'
import { serialOrder } from '../certificate/serial-number.js'
import type { CtlProblem } from './verdict.js'

/** A record with what it says of itself; `certificate` is undefined where there is none that can be read. */
export interface CheckedRecord {
  readonly record: CtlRecord
  /** From 1. */
  readonly number: number
  readonly role: number
  readonly certificate: CertificateParts | undefined
  /**
   * CTL_CERTIFICATE_MISSING (SAST), CTL_CERTIFICATE_NOT_DER, or CTL_RECORD_MISMATCH when key or serial are not the
   * certificate's. Names are for findings: every producer writes them in its own way.
   */
  readonly problems: readonly CtlProblem[]
}

export function checkRecords(file: CtlFile): CheckedRecord[] {
  const offsets = recordOffsets(file)
  return file.records.map((record, index) => checkRecord(record, index + 1, offsets[index] ?? 0))
}

function checkRecord(record: CtlRecord, number: number, start: number): CheckedRecord {
  const role = functionOf(record)
  const der = certificateOf(record)
  if (der === undefined) {
    const missing: CtlProblem = {
      code: 'CTL_CERTIFICATE_MISSING',
      detail: `Record ${number} is a SAST, and has no certificate.`,
      at: { record: number, offset: start },
    }
    return { record, number, role, certificate: undefined, problems: role === SAST ? [missing] : [] }
  }
  try {
    const certificate = readCertificateParts(der)
    return { record, number, role, certificate, problems: mismatches(record, certificate, number, start) }
  } catch (error) {
    if (!(error instanceof CtlError)) throw error
    const at = placeOf(record, number, start, recordTag.certificate)
    const problem = { code: error.code, detail: `Record ${number}: ${error.message}`, at }
    return { record, number, role, certificate: undefined, problems: [problem] }
  }
}

function mismatches(
  record: CtlRecord,
  certificate: CertificateParts,
  number: number,
  start: number,
): CtlProblem[] {
  const mismatch = (tag: number, what: string): CtlProblem => ({
    code: 'CTL_RECORD_MISMATCH',
    detail: `The ${what} of record ${number} is not its certificate's.`,
    at: placeOf(record, number, start, tag),
  })
  const key = recordValue(record, recordTag.publicKey)
  const serial = recordValue(record, recordTag.serialNumber)
  return [
    ...(key === undefined || sameBytes(key, certificate.publicKey)
      ? []
      : [mismatch(recordTag.publicKey, 'public key')]),
    ...(serial === undefined || serialOrder(serial, certificate.serialBytes) !== 'other'
      ? []
      : [mismatch(recordTag.serialNumber, 'serial number')]),
  ]
}

function placeOf(record: CtlRecord, number: number, start: number, tag: number) {
  const offset = start + RECORD_START + (valueOffset(record.fields, tag) ?? 0)
  return { record: number, offset, tag }
}
