import { CtlError } from '../../ctl/ctl-error.js'
import { digestOf, fileNameOf, signerIdOf, timestampOf } from '../../ctl/header-fields.js'
import { decodeSgnFile, encryptionOf, type SgnFile, takeSgnToBeSigned } from '../../ctl/sgn-file.js'
import { type CtlDigest, functionName } from '../../ctl/tags.js'
import { decodeText } from '../../ctl/text.js'
import { identityOf } from '../certificate/certificate.js'
import { checkHeaderSignature } from '../verify/check-header-signature.js'
import type { CtlProblem } from '../verify/verdict.js'
import { type FoundSigner, findSgnSigner, type SgnTrust } from './sgn-signer.js'

export type SgnFindingCode =
  | 'CERTIFICATE_EXPIRED'
  | 'CERTIFICATE_NOT_YET_VALID'
  | 'ENCRYPTED'
  | 'FILE_NAME_DIFFERS'
  | 'FILE_NAME_MISSING'
  | 'ISSUER_WRITTEN_OTHERWISE'
  | 'ROLE_NOT_CHECKED'
  | 'TIMESTAMP_MISSING'

/** Something worth knowing about a signed file, valid or not. */
export interface SgnFinding {
  readonly code: SgnFindingCode
  readonly severity: 'info' | 'warning'
  readonly record?: number
  readonly detail: string
  readonly remedy: string
}

export interface SgnSigner {
  /** RFC 4514, of the certificate. */
  readonly subject: string
  readonly issuer: string
  /** As in the certificate, hex. */
  readonly serial: string
  readonly certificateSha256: string
  readonly keyBits: number
  /** Where it stands in the CTL or ITL, when one was given. */
  readonly record?: number
  readonly functionName?: string
}

export interface SgnVerdict {
  readonly verdict: 'valid' | 'invalid'
  /** The first thing that is wrong; there when the verdict is invalid. */
  readonly problem?: CtlProblem
  readonly signer?: SgnSigner
  readonly digest?: CtlDigest
  readonly findings: readonly SgnFinding[]
}

export interface SgnVerifyOptions {
  /** What the file is called, without its folder. */
  readonly name?: string
  readonly at?: Date
}

/**
 * Whether a signed configuration file was signed by the certificate, or by one that the CTL or ITL lets sign
 * files of TFTP. Never throws: what does not decode is invalid.
 */
export function verifySgnFile(
  bytes: Uint8Array,
  against: SgnTrust,
  { name, at }: SgnVerifyOptions = {},
): SgnVerdict {
  const known: { digest?: CtlDigest; signer?: SgnSigner } = {}
  const findings: SgnFinding[] = []
  try {
    const file = decodeSgnFile(bytes)
    known.digest = digestOf(file)
    findings.push(...fileFindings(file, name))
    const signer = findSgnSigner(file, against)
    known.signer = describeSigner(signer)
    findings.push(...signerFindings(file, signer, at))
    checkHeaderSignature(file, takeSgnToBeSigned(bytes), signer.key, placeOf(signer))
    return { verdict: 'valid', ...known, findings }
  } catch (error) {
    if (!(error instanceof CtlError)) throw error
    const problem = { code: error.code, detail: error.message, at: error.place }
    return { verdict: 'invalid', problem, ...known, findings }
  }
}

const placeOf = ({ record }: FoundSigner) => (record === undefined ? {} : { record })

function describeSigner(signer: FoundSigner): SgnSigner {
  const { sha256, subject, issuer, serial } = identityOf(signer.certificate)
  const { record, role, key } = signer
  return {
    subject,
    issuer,
    serial,
    certificateSha256: sha256,
    keyBits: key.asymmetricKeyDetails?.modulusLength ?? 0,
    ...(record !== undefined && { record }),
    ...(role !== undefined && { functionName: functionName(role) }),
  }
}

function fileFindings(file: SgnFile, name: string | undefined): SgnFinding[] {
  return [...nameFindings(file, name), ...timeFindings(file), ...encryptionFindings(file, name)]
}

/** Whether a phone compares the two is not known, nor whether `.sgn` belongs to FILENAME everywhere. */
function nameFindings(file: SgnFile, name: string | undefined): SgnFinding[] {
  const said = fileNameOf(file)
  if (said === undefined) {
    return [
      finding(
        'FILE_NAME_MISSING',
        'info',
        'The header does not say what the file is called.',
        'Sign it anew if its name matters.',
      ),
    ]
  }
  const bare = (text: string): string => text.replace(/\.(sgn|sha512)$/i, '')
  if (name === undefined || bare(said) === bare(name)) return []
  const detail = `The header says that the file is called ${JSON.stringify(said)}.`
  return [
    finding(
      'FILE_NAME_DIFFERS',
      'warning',
      detail,
      'Was a file of another phone put here? Sign this one anew.',
    ),
  ]
}

function timeFindings(file: SgnFile): SgnFinding[] {
  if (timestampOf(file) !== undefined) return []
  const detail = 'The header does not say when the file was made.'
  return [finding('TIMESTAMP_MISSING', 'info', detail, 'Sign it anew if its age matters.')]
}

function encryptionFindings(file: SgnFile, name: string | undefined): SgnFinding[] {
  const by = encryptionOf(file, name)
  if (by === undefined) return []
  const detail = `The payload is encrypted, as the ${by} of the file says. It is not read.`
  return [finding('ENCRYPTED', 'info', detail, 'Only the phone can decrypt it.')]
}

function signerFindings(file: SgnFile, signer: FoundSigner, at: Date | undefined): SgnFinding[] {
  const { certificate, record, sameIssuerText } = signer
  const findings: SgnFinding[] = []
  if (!sameIssuerText) {
    const detail = `The header writes the issuer as ${JSON.stringify(decodeText(signerIdOf(file).issuer))}.`
    const remedy = 'A phone that looks for these very bytes does not find its record. Try one phone first.'
    findings.push({ ...finding('ISSUER_WRITTEN_OTHERWISE', 'warning', detail, remedy), ...placeOf(signer) })
  }
  if (record === undefined) {
    const detail = 'Whether a phone lets this certificate sign files was not looked at.'
    findings.push(
      finding('ROLE_NOT_CHECKED', 'info', detail, 'Verify against the CTL or ITL that the phone has.'),
    )
  }
  const late = at !== undefined && certificate.notAfter < at
  const early = at !== undefined && certificate.notBefore > at
  if (late || early) {
    const day = (late ? certificate.notAfter : certificate.notBefore).toISOString().slice(0, 10)
    const detail = `The signer's certificate ${late ? 'expired' : 'begins'} on ${day}.`
    const code = late ? 'CERTIFICATE_EXPIRED' : 'CERTIFICATE_NOT_YET_VALID'
    findings.push({ ...finding(code, 'warning', detail, 'Plan its replacement.'), ...placeOf(signer) })
  }
  return findings
}

function finding(
  code: SgnFindingCode,
  severity: SgnFinding['severity'],
  detail: string,
  remedy: string,
): SgnFinding {
  return { code, severity, detail, remedy }
}
