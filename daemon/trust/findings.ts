import { sameBytes } from '../ctl/bytes.js'
import { CTL_SIZE_CEILING, type CtlFile } from '../ctl/ctl-file.js'
import { signerIdOf, timestampOf } from '../ctl/header-fields.js'
import { certificateOf, functionOf, recordValue } from '../ctl/record-fields.js'
import { recordTag, SAST } from '../ctl/tags.js'
import type { CertificateParts } from './certificate-parts.js'
import type { Finding } from './verdict.js'

/** Facts of the whole file. `size` in bytes. */
export function fileFindings(file: CtlFile, size: number): Finding[] {
  const findings: Finding[] = []
  if (size > CTL_SIZE_CEILING) {
    findings.push({
      code: 'FILE_OVER_SIZE_CEILING',
      severity: 'warning',
      detail: `The file has ${size} bytes; phones are known to fail above ${CTL_SIZE_CEILING}.`,
      remedy: 'Leave out servers that phones do not need.',
    })
  }
  if (timestampOf(file) === undefined) {
    findings.push({
      code: 'TIMESTAMP_MISSING',
      severity: 'info',
      detail: 'The header does not say when the file was made.',
      remedy: 'Compose the file anew if its age matters.',
    })
  }
  if (hasOneSast(file)) {
    findings.push({
      code: 'ONE_SAST_ONLY',
      severity: 'warning',
      detail:
        'Only one certificate may sign the next file. If its key is lost, every phone must be cleared by hand.',
      remedy: 'Add a second SAST and keep the two apart.',
    })
  }
  return findings
}

function hasOneSast(file: CtlFile): boolean {
  const [first, ...others] = file.records.filter((record) => functionOf(record) === SAST).map(certificateOf)
  return first !== undefined && others.every((other) => sameBytes(first, other))
}

/** Whether the header names the signer as its record does. Phones look at serial and issuer. */
export function signerFindings(file: CtlFile, signer: number): Finding[] {
  const record = file.records[signer]
  if (!record || sameBytes(recordValue(record, recordTag.subjectName), signerIdOf(file).name)) return []
  return [
    {
      code: 'SIGNER_NAME_DIFFERS',
      severity: 'warning',
      record: signer + 1,
      detail: `The header names the signer otherwise than record ${signer + 1}.`,
      remedy: 'Compose and sign the file anew.',
    },
  ]
}

/** Certificates outside their time. */
export function validityFindings(
  certificates: readonly (CertificateParts | undefined)[],
  at: Date,
): Finding[] {
  return certificates.flatMap((certificate, index): Finding[] => {
    if (certificate === undefined) return []
    if (certificate.notAfter < at) {
      return [outOfTime('CERTIFICATE_EXPIRED', index, `expired on ${day(certificate.notAfter)}`)]
    }
    if (certificate.notBefore > at) {
      return [outOfTime('CERTIFICATE_NOT_YET_VALID', index, `begins on ${day(certificate.notBefore)}`)]
    }
    return []
  })
}

function outOfTime(
  code: 'CERTIFICATE_EXPIRED' | 'CERTIFICATE_NOT_YET_VALID',
  index: number,
  what: string,
): Finding {
  return {
    code,
    severity: 'warning',
    record: index + 1,
    detail: `The certificate of record ${index + 1} ${what}.`,
    remedy: 'Plan its replacement; uploading it to a call manager may be refused.',
  }
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
