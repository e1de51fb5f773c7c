import { sameBytes } from '../../ctl/bytes.js'
import type { CtlFile, CtlRecord } from '../../ctl/ctl-field.js'
import { timestampOf } from '../../ctl/header-fields.js'
import {
  certificateOf,
  functionOf,
  recordValue,
  signerRecordsOf,
  unknownTagsOf,
} from '../../ctl/record-fields.js'
import { recordTag, SAST } from '../../ctl/tags.js'
import type { FindingCode } from '../verify/finding-table.js'
import type { Finding } from '../verify/verdict.js'
import { profileOfRecord } from './profile-of.js'
import { isFromBase, type WantedRecord } from './wanted-record.js'

export type CompositionFindingCode =
  | 'DUPLICATE_RECORD'
  | 'MIXED_LAYOUT'
  | 'OLD_CERTIFICATE_STAYS'
  | 'RELEASE_RULE_BROKEN'
  | 'SAST_DROPPED'
  | 'SAST_UNEXPECTED'
  | 'SIGNER_NEW'
  | 'TIMESTAMP_NOT_LATER'
  | 'UNKNOWN_TAGS_KEPT'

/** Something worth knowing about what was composed: of the file itself, or of the change. */
export interface CompositionFinding extends Omit<Finding, 'code'> {
  readonly code: FindingCode | CompositionFindingCode
}

type Wanted = readonly WantedRecord[]

/** What a change from `base` to `file` brings. `wanted` are the records of `file`, in its order. */
export function changeFindings(base: CtlFile, file: CtlFile, wanted: Wanted): CompositionFinding[] {
  return [
    ...newSigner(base, file),
    ...droppedSast(base, file),
    ...timeFinding(base, file),
    ...oldCertificates(base, file, wanted),
    ...keptUnknownTags(base, wanted),
  ]
}

const sastOf = ({ records }: CtlFile): CtlRecord[] => records.filter((record) => functionOf(record) === SAST)

const holds = (records: readonly CtlRecord[], der: Uint8Array | undefined): boolean =>
  records.some((record) => sameBytes(certificateOf(record), der))

/** A phone takes a new CTL when its signer is a SAST of the one it holds; else it asks TVS (Security Guide). */
function newSigner(base: CtlFile, file: CtlFile): CompositionFinding[] {
  const signer = signerRecordOf(file)
  if (signer === undefined || holds(sastOf(base), certificateOf(signer))) return []
  return [
    {
      code: 'SIGNER_NEW',
      severity: 'warning',
      record: file.records.indexOf(signer) + 1,
      detail: 'The signer is no SAST of the base: phones that hold the base must ask TVS.',
      remedy: 'See that TVS knows the signer, and plan for phones that cannot ask TVS.',
    },
  ]
}

function signerRecordOf(file: CtlFile): CtlRecord | undefined {
  const [index] = signerRecordsOf(file)
  return index === undefined ? undefined : file.records[index]
}

function droppedSast(base: CtlFile, file: CtlFile): CompositionFinding[] {
  const kept = sastOf(file)
  return base.records.flatMap((record, index): CompositionFinding[] => {
    if (functionOf(record) !== SAST || holds(kept, certificateOf(record))) return []
    return [
      {
        code: 'SAST_DROPPED',
        severity: 'info',
        detail: `The SAST of record ${index + 1} of the base is no SAST any more.`,
        remedy: 'Phones that took this file do not take one signed by it, unless TVS vouches for it.',
      },
    ]
  })
}

function timeFinding(base: CtlFile, file: CtlFile): CompositionFinding[] {
  const before = timestampOf(base)
  const after = timestampOf(file)
  if (before === undefined || after === undefined || after > before) return []
  return [
    {
      code: 'TIMESTAMP_NOT_LATER',
      severity: 'warning',
      detail: 'The timestamp is not later than the one of the base.',
      remedy: 'Give a later one: whether phones take a file that is not newer is not known.',
    },
  ]
}

/** The publisher's certificate often stands twice, as SAST and as CCM+TFTP. */
function oldCertificates(base: CtlFile, file: CtlFile, wanted: Wanted): CompositionFinding[] {
  return wanted.flatMap((record, index): CompositionFinding[] => {
    const own = isFromBase(record) ? base.records[record.base - 1] : undefined
    if (!isFromBase(record) || record.replacement === undefined || own === undefined) return []
    const old = certificateOf(own)
    const elsewhere = file.records.flatMap((other, place) =>
      old !== undefined && sameBytes(certificateOf(other), old) ? [place + 1] : [],
    )
    if (elsewhere.length === 0) return []
    return [
      {
        code: 'OLD_CERTIFICATE_STAYS',
        severity: 'warning',
        record: index + 1,
        detail: `The certificate that record ${index + 1} had still stands in record ${elsewhere.join(', ')}.`,
        remedy: 'Replace it there as well, if its key is no longer in use.',
      },
    ]
  })
}

function keptUnknownTags(base: CtlFile, wanted: Wanted): CompositionFinding[] {
  return wanted.flatMap((record, index): CompositionFinding[] => {
    const own = isFromBase(record) && record.replacement ? base.records[record.base - 1] : undefined
    const tags = own === undefined ? [] : unknownTagsOf(own)
    if (tags.length === 0) return []
    return [
      {
        code: 'UNKNOWN_TAGS_KEPT',
        severity: 'warning',
        record: index + 1,
        detail: `Record ${index + 1} keeps tag ${tags.join(', ')}, which nobody documents and which may belong to the old certificate.`,
        remedy: 'Remove the record and add another if the tags must not stay.',
      },
    ]
  })
}

/** Pairs of one role and one certificate, or of one role and one address without any; numbers from 1. */
export function duplicatesOf(file: CtlFile): (readonly [first: number, second: number])[] {
  return file.records.flatMap((record, index) => {
    const first = file.records.findIndex((other) => isSameEntry(other, record))
    return first < index ? [[first + 1, index + 1] as const] : []
  })
}

function isSameEntry(one: CtlRecord, other: CtlRecord): boolean {
  if (functionOf(one) !== functionOf(other)) return false
  const certificate = certificateOf(one)
  if (!sameBytes(certificate, certificateOf(other))) return false
  // Two servers with one certificate are two entries: a phone finds them by their addresses.
  const tags = [recordTag.dnsName, recordTag.ipAddress]
  const isSast = functionOf(one) === SAST && certificate !== undefined
  return isSast || tags.every((tag) => sameBytes(recordValue(one, tag), recordValue(other, tag)))
}

export function duplicateFinding([first, second]: readonly [number, number]): CompositionFinding {
  return {
    code: 'DUPLICATE_RECORD',
    severity: 'warning',
    record: second,
    detail: `Record ${second} says the same as record ${first}.`,
    remedy: 'Remove one of the two.',
  }
}

export function mixedLayout(file: CtlFile): CompositionFinding[] {
  const names = [...new Set(file.records.flatMap((record) => profileOfRecord(record) ?? []))]
  if (names.length < 2) return []
  return [
    {
      code: 'MIXED_LAYOUT',
      severity: 'warning',
      detail: `The records are laid out in more than one way (${names.join(', ')}), because kept records keep their bytes.`,
      remedy: 'Convert the kept ones as well, or choose their profile: no producer is known to mix them.',
    },
  ]
}
