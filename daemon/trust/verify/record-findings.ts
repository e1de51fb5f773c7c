import { createHash } from 'node:crypto'
import { sameBytes } from '../../ctl/bytes.js'
import { recordText, recordValue, unknownTagsOf } from '../../ctl/record-fields.js'
import { ctlFunctions, recordTag, recordTagNames } from '../../ctl/tags.js'
import { decodeText, printableText } from '../../ctl/text.js'
import type { CertificateParts } from '../certificate/certificate-parts.js'
import {
  certutilsName,
  cucmName,
  type DistinguishedName,
  rfc4514Name,
} from '../certificate/distinguished-name.js'
import { ciscoSastSubject, cryptoApiName, isCiscoSast } from '../certificate/sast-names.js'
import type { CheckedRecord } from './check-records.js'
import { type Finding, finding, quoted } from './verdict.js'

/** What a record says, against its certificate and against what is known of records. */
export function recordFindings(checked: CheckedRecord): Finding[] {
  const { record, number, role, certificate } = checked
  return [
    ...(ctlFunctions.has(role)
      ? []
      : [finding('FUNCTION_UNKNOWN', `FUNCTION is ${role}.`, { record: number, tag: recordTag.function })]),
    ...[...new Set(unknownTagsOf(record))].map((tag) =>
      finding('FIELD_UNKNOWN', `The record has a field with tag ${tag}.`, { record: number, tag }),
    ),
    ...textFindings(checked),
    ...(certificate ? againstCertificate(checked, certificate) : []),
  ]
}

const texts = [recordTag.dnsName, recordTag.subjectName, recordTag.issuerName]

function textFindings({ record, number }: CheckedRecord): Finding[] {
  return texts.flatMap((tag): Finding[] => {
    const value = recordValue(record, tag)
    if (value === undefined || printableText(value) === decodeText(value)) return []
    const detail = `${recordTagNames.get(tag)} would not print as it is.`
    return [finding('TEXT_UNPRINTABLE', detail, { record: number, tag })]
  })
}

function againstCertificate(checked: CheckedRecord, certificate: CertificateParts): Finding[] {
  const { subjectName, issuerName } = certificate
  return [
    ...missingFields(checked),
    ...nameFindings(checked, recordTag.subjectName, subjectName, subjectRenderings(certificate)),
    ...nameFindings(checked, recordTag.issuerName, issuerName, renderings),
    ...signatureFindings(checked, certificate),
    ...hashFindings(checked, certificate),
  ]
}

function missingFields({ record, number }: CheckedRecord): Finding[] {
  const wanted = [recordTag.subjectName, recordTag.issuerName, recordTag.serialNumber, recordTag.publicKey]
  const missing = wanted.filter((tag) => recordValue(record, tag) === undefined)
  if (missing.length === 0) return []
  const names = missing.map((tag) => recordTagNames.get(tag)).join(', ')
  return [finding('RECORD_INCOMPLETE', `The record has no ${names}.`, { record: number })]
}

type Rendering = (name: DistinguishedName) => string

/** The ways in which known producers write a name. RFC 4514 proper is none's, and nobody is misled by it. */
const renderings: readonly Rendering[] = [cucmName, cryptoApiName, certutilsName, rfc4514Name]

function subjectRenderings({ subjectName, issuerName }: CertificateParts): readonly Rendering[] {
  return isCiscoSast(subjectName, issuerName) ? [ciscoSastSubject, ...renderings] : renderings
}

function nameFindings(
  { record, number }: CheckedRecord,
  tag: number,
  name: DistinguishedName,
  known: readonly Rendering[],
): Finding[] {
  const text = recordText(record, tag)
  if (text === undefined || known.some((render) => render(name) === text)) return []
  const detail = `${recordTagNames.get(tag)} is ${quoted(text)}, the certificate's name is ${quoted(rfc4514Name(name))}.`
  return [finding('RECORD_NAME_DIFFERS', detail, { record: number, tag })]
}

function signatureFindings({ record, number }: CheckedRecord, certificate: CertificateParts): Finding[] {
  const value = recordValue(record, recordTag.signature)
  if (value === undefined || sameBytes(value, certificate.signature)) return []
  const place = { record: number, tag: recordTag.signature }
  return [finding('RECORD_SIGNATURE_DIFFERS', "SIGNATURE is not the certificate's signature value.", place)]
}

// By length, because what the codes of tag 12 mean is not documented.
const hashes: ReadonlyMap<number, string> = new Map([
  [16, 'md5'],
  [20, 'sha1'],
  [32, 'sha256'],
  [48, 'sha384'],
  [64, 'sha512'],
])

function hashFindings({ record, number }: CheckedRecord, { der }: CertificateParts): Finding[] {
  const value = recordValue(record, recordTag.certificateHash)
  if (value === undefined) return []
  const algorithm = hashes.get(value.length)
  if (algorithm !== undefined && sameBytes(value, createHash(algorithm).update(der).digest())) return []
  const detail = `CERTIFICATEHASH (${value.length} bytes) is no hash of the certificate.`
  return [finding('RECORD_HASH_DIFFERS', detail, { record: number, tag: recordTag.certificateHash })]
}
