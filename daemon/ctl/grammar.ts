import { headerTag, recordTag } from './tags.js'

/**
 * Which fields may stand where, as data. A tag that no row names is unknown and survives; a tag named for
 * another place of the header is misplaced.
 */

export type Shape =
  | { readonly kind: 'bytes'; readonly length?: number }
  | { readonly kind: 'text' }
  | { readonly kind: 'container'; readonly grammar: Grammar }

export interface Grammar {
  readonly name: string
  readonly shapes: ReadonlyMap<number, Shape>
  /** Tags that must be there. */
  readonly required: readonly number[]
  /** Tags already read when the fields begin. */
  readonly before: readonly number[]
  /** Tags that have a place, but not this one. */
  readonly elsewhere: ReadonlySet<number>
  /** Whether tag 13 is padding here, which has no length. */
  readonly padded: boolean
}

const bytes: Shape = { kind: 'bytes' }
const text: Shape = { kind: 'text' }
const fixed = (length: number): Shape => ({ kind: 'bytes', length })
const container = (grammar: Grammar): Shape => ({ kind: 'container', grammar })

const allHeaderTags: ReadonlySet<number> = new Set(Object.values(headerTag))

function headerPart(
  name: string,
  rows: ReadonlyArray<readonly [number, Shape]>,
  required: readonly number[],
  before: readonly number[] = [],
): Grammar {
  return { name, shapes: new Map(rows), required, before, elsewhere: allHeaderTags, padded: true }
}

const signatureAlgoInfo = headerPart(
  'SIGNATUREALGOINFO',
  [
    [headerTag.signatureAlgorithm, fixed(1)],
    [headerTag.signatureModulus, fixed(1)],
  ],
  [headerTag.signatureAlgorithm, headerTag.signatureModulus],
)

const signatureInfo = headerPart(
  'SIGNATUREINFO',
  [
    [headerTag.digestAlgorithm, fixed(1)],
    [headerTag.signatureAlgoInfo, container(signatureAlgoInfo)],
  ],
  [headerTag.digestAlgorithm, headerTag.signatureAlgoInfo],
)

const signerId = headerPart(
  'SIGNERID',
  [
    [headerTag.signerName, text],
    [headerTag.serialNumber, bytes],
    [headerTag.caName, text],
  ],
  [headerTag.signerName, headerTag.serialNumber, headerTag.caName],
)

/** What follows VERSION and HEADERLENGTH. FILENAME and TIMESTAMP may be missing in a file that is read. */
export const headerGrammar = headerPart(
  'the header',
  [
    [headerTag.signerVersion, fixed(2)],
    [headerTag.signerId, container(signerId)],
    [headerTag.signatureInfo, container(signatureInfo)],
    [headerTag.signature, bytes],
    [headerTag.fileName, text],
    [headerTag.timestamp, fixed(4)],
  ],
  [headerTag.signerId, headerTag.signatureInfo, headerTag.signature],
  [headerTag.version, headerTag.headerLength],
)

/** What follows RECORDLENGTH. Only FUNCTION is in every record: a non-secure server has no certificate. */
export const recordGrammar: Grammar = {
  name: 'the record',
  shapes: new Map([
    [recordTag.dnsName, text],
    [recordTag.subjectName, text],
    [recordTag.function, fixed(2)],
    [recordTag.issuerName, text],
    [recordTag.serialNumber, bytes],
    [recordTag.publicKey, bytes],
    [recordTag.signature, bytes],
    [recordTag.certificate, bytes],
    [recordTag.ipAddress, fixed(4)],
    [recordTag.certificateHash, bytes],
    [recordTag.hashAlgorithm, bytes],
  ]),
  required: [recordTag.function],
  before: [recordTag.recordLength],
  elsewhere: new Set(),
  padded: false,
}
