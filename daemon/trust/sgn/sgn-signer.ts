/** Which certificate signed a configuration file: the one that is given, or one of the phone's CTL or ITL. */
import type { KeyObject } from 'node:crypto'
import { sameBytes } from '../../ctl/bytes.js'
import { CtlError } from '../../ctl/ctl-error.js'
import { type CtlRecord, decodeCtlFile } from '../../ctl/ctl-file.js'
import { type SignerId, signerIdOf } from '../../ctl/header-fields.js'
import { certificateOf, functionOf, recordValue } from '../../ctl/record-fields.js'
import type { SgnFile } from '../../ctl/sgn-file.js'
import { functionName, recordTag, TFTP_ROLES } from '../../ctl/tags.js'
import { decodeText } from '../../ctl/text.js'
import { readKey } from '../certificate/certificate.js'
import { type CertificateParts, readCertificateParts } from '../certificate/certificate-parts.js'
import { certutilsName, certutilsSgnName, cucmName, rfc4514Name } from '../certificate/distinguished-name.js'
import { cryptoApiName } from '../certificate/sast-names.js'
import { serialOrder } from '../certificate/serial-number.js'
import { verifyCtlFile } from '../verify/verify-ctl-file.js'

/** A certificate as DER, or the bytes of a CTL or ITL that the phone has. */
export type SgnTrust = { readonly certificate: Uint8Array } | { readonly trust: Uint8Array }

export interface FoundSigner {
  readonly certificate: CertificateParts
  readonly key: KeyObject
  /** Number of the record in the CTL or ITL, from 1, and its role. */
  readonly record?: number
  readonly role?: number
  /** Whether the header writes the issuer in the record's bytes, or in a known form of the certificate's. */
  readonly sameIssuerText: boolean
}

/** Throws SGN_SIGNER_OTHER, SGN_SIGNER_ROLE, CTL_SIGNER_MISSING and what is wrong with the trusted file. */
export function findSgnSigner(file: SgnFile, against: SgnTrust): FoundSigner {
  return 'certificate' in against
    ? signerOfCertificate(file, against.certificate)
    : signerOfTrust(file, against.trust)
}

function signerOfCertificate(file: SgnFile, der: Uint8Array): FoundSigner {
  const certificate = readCertificateParts(der)
  const named = signerIdOf(file)
  if (serialOrder(named.serial, certificate.serialBytes) === 'other') {
    const detail = "The serial number in the header is not the certificate's."
    throw new CtlError('SGN_SIGNER_OTHER', detail)
  }
  return { certificate, key: rsaKey(certificate), sameIssuerText: isIssuerOf(named, certificate) }
}

function signerOfTrust(file: SgnFile, trust: Uint8Array): FoundSigner {
  const { problem } = verifyCtlFile(trust)
  if (problem !== undefined) {
    throw new CtlError(problem.code, `The CTL or ITL: ${problem.detail}`, problem.at)
  }
  const named = signerIdOf(file)
  const { records } = decodeCtlFile(trust)
  const numbered = records.map((record, index) => ({ record, number: index + 1 }))
  const exact = numbered.filter(({ record }) => isNamed(named, record))
  // certutils parts the names of a CTL by commas and those of a signed file by semicolons.
  const found = exact.length > 0 ? exact : numbered.filter(({ record }) => isNamedOtherwise(named, record))
  const [first] = found
  if (first === undefined) {
    const detail = 'No record of the CTL or ITL has the serial and issuer of the signer.'
    throw new CtlError('CTL_SIGNER_MISSING', detail)
  }
  const signing = found.filter(({ record }) => TFTP_ROLES.includes(functionOf(record)))
  const [chosen] = signing
  if (chosen === undefined) {
    const roles = [...new Set(found.map(({ record }) => functionName(functionOf(record))))].join(', ')
    const detail = `The signer has the role ${roles}; files of TFTP are signed by CCM+TFTP or TFTP.`
    throw new CtlError('SGN_SIGNER_ROLE', detail, { record: first.number })
  }
  const other = signing.find(({ record }) => !sameBytes(certificateOf(record), certificateOf(chosen.record)))
  if (other !== undefined) {
    const detail = `Records ${chosen.number} and ${other.number} have the signer's serial and issuer, and different certificates.`
    throw new CtlError('CTL_SIGNER_AMBIGUOUS', detail, { record: other.number })
  }
  return { ...holderOf(chosen), sameIssuerText: exact.length > 0 }
}

function holderOf({ record, number }: { record: CtlRecord; number: number }) {
  const der = certificateOf(record)
  if (der === undefined) {
    throw new CtlError('CTL_CERTIFICATE_MISSING', `Record ${number} has no certificate.`, { record: number })
  }
  const certificate = readCertificateParts(der)
  return { certificate, key: rsaKey(certificate), record: number, role: functionOf(record) }
}

function isNamed(named: SignerId, record: CtlRecord): boolean {
  return (
    sameBytes(recordValue(record, recordTag.serialNumber), named.serial) &&
    sameBytes(recordValue(record, recordTag.issuerName), named.issuer)
  )
}

function isNamedOtherwise(named: SignerId, record: CtlRecord): boolean {
  const der = certificateOf(record)
  if (der === undefined) return false
  const certificate = readCertificateParts(der)
  return serialOrder(named.serial, certificate.serialBytes) !== 'other' && isIssuerOf(named, certificate)
}

/** Whether the header writes the certificate's issuer in one of the forms that producers have. */
function isIssuerOf({ issuer }: SignerId, { issuerName }: CertificateParts): boolean {
  const text = decodeText(issuer)
  const forms = [certutilsName, certutilsSgnName, cucmName, cryptoApiName, rfc4514Name]
  return forms.some((form) => form(issuerName) === text)
}

function rsaKey(certificate: CertificateParts): KeyObject {
  const key = readKey(certificate)
  if (key?.asymmetricKeyType === 'rsa') return key
  throw new CtlError('CTL_SIGNER_KEY_UNSUPPORTED', "The signer's key is not RSA.")
}
