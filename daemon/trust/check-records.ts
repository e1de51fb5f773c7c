import { sameBytes } from '../ctl/bytes.js'
import { CtlError } from '../ctl/ctl-error.js'
import { type CtlFile, type CtlRecord, RECORD_START, recordOffsets, valueOffset } from '../ctl/ctl-field.js'
import { certificateOf, functionOf, recordValue } from '../ctl/record-fields.js'
import { recordTag, SAST } from '../ctl/tags.js'
import { type CertificateParts, readCertificateParts } from './certificate-parts.js'
import { serialOrder } from './serial-number.js'

/**
 * The certificate of each record, undefined where there is none. Throws CTL_CERTIFICATE_MISSING (SAST),
 * CTL_CERTIFICATE_NOT_DER, or CTL_RECORD_MISMATCH when key or serial of a record are not its certificate's.
 * Names are not compared: every producer writes them in its own way.
 */
export function checkRecords(file: CtlFile): (CertificateParts | undefined)[] {
  const offsets = recordOffsets(file)
  return file.records.map((record, index) => checkRecord(record, index + 1, offsets[index] ?? 0))
}

function checkRecord(record: CtlRecord, number: number, start: number): CertificateParts | undefined {
  const der = certificateOf(record)
  if (der === undefined) {
    if (functionOf(record) !== SAST) return undefined
    const detail = `Record ${number} is a SAST, and has no certificate.`
    throw new CtlError('CTL_CERTIFICATE_MISSING', detail, { record: number, offset: start })
  }
  const certificate = readRecordCertificate(record, der, number, start)
  const key = recordValue(record, recordTag.publicKey)
  if (key !== undefined && !sameBytes(key, certificate.publicKey)) {
    throw mismatch(record, number, start, recordTag.publicKey, 'public key')
  }
  const serial = recordValue(record, recordTag.serialNumber)
  if (serial !== undefined && serialOrder(serial, certificate.serialBytes) === 'other') {
    throw mismatch(record, number, start, recordTag.serialNumber, 'serial number')
  }
  return certificate
}

function readRecordCertificate(
  record: CtlRecord,
  der: Uint8Array,
  number: number,
  start: number,
): CertificateParts {
  try {
    return readCertificateParts(der)
  } catch (error) {
    if (!(error instanceof CtlError)) throw error
    const place = placeOf(record, number, start, recordTag.certificate)
    throw new CtlError(error.code, `Record ${number}: ${error.message}`, place)
  }
}

function mismatch(record: CtlRecord, number: number, start: number, tag: number, what: string): CtlError {
  return new CtlError(
    'CTL_RECORD_MISMATCH',
    `The ${what} of record ${number} is not its certificate's.`,
    placeOf(record, number, start, tag),
  )
}

function placeOf(record: CtlRecord, number: number, start: number, tag: number) {
  const offset = start + RECORD_START + (valueOffset(record.fields, tag) ?? 0)
  return { record: number, offset, tag }
}
