import type { CertificateFields } from '../../ctl/compose.js'
import type { RecordProfileName } from '../../ctl/record-profiles.js'
import type { CertificateParts } from './certificate-parts.js'
import { certutilsName, cucmName } from './distinguished-name.js'
import { ciscoSastSubject, cryptoApiName, isCiscoSast } from './sast-names.js'
import { reversed, serialNumber } from './serial-number.js'

/** Whose certificate it is. The CTL Client writes the two differently. */
export type CertificateHolder = 'token' | 'server'

/** A certificate's facts as a producer would write them into a record. */
export function certificateFields(
  certificate: CertificateParts,
  profile: RecordProfileName,
  holder: CertificateHolder,
): CertificateFields {
  return {
    ...namesAndSerial(certificate, profile, holder),
    publicKey: certificate.publicKey,
    certificateSignature: certificate.signature,
    certificate: certificate.der,
  }
}

function namesAndSerial(
  { subjectName, issuerName, serialBytes }: CertificateParts,
  profile: RecordProfileName,
  holder: CertificateHolder,
): Pick<CertificateFields, 'subject' | 'issuer' | 'serial'> {
  const serial = serialNumber(serialBytes)
  if (profile === 'certutils') {
    return { subject: certutilsName(subjectName), issuer: certutilsName(issuerName), serial }
  }
  if (profile === 'cucm-cli' || holder === 'server') {
    return { subject: cucmName(subjectName), issuer: cucmName(issuerName), serial }
  }
  const isCisco = isCiscoSast(subjectName, issuerName)
  return {
    subject: isCisco ? ciscoSastSubject(subjectName) : cryptoApiName(subjectName),
    issuer: cryptoApiName(issuerName),
    // CryptoAPI keeps serials little-endian, which explains the printed ones (TAC 118893); inferred.
    serial: reversed(serial),
  }
}
