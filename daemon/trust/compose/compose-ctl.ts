import { sameBytes } from '../../ctl/bytes.js'
import {
  type ComposeRecord,
  type ComposeRequest,
  type ComposeSigner,
  composeCtlFile,
} from '../../ctl/compose.js'
import { CtlError } from '../../ctl/ctl-error.js'
import { type CtlFile, decodeCtlFile, encodeCtlFile } from '../../ctl/ctl-file.js'
import { certificateOf, functionOf, recordValue } from '../../ctl/record-fields.js'
import type { RecordProfileName } from '../../ctl/record-profiles.js'
import { type CtlDigest, recordTag, SAST } from '../../ctl/tags.js'
import type { UnsignedCtl } from '../../ctl/to-be-signed.js'
import { readCertificate } from '../certificate/certificate.js'
import { verifyCtlFile } from '../verify/verify-ctl-file.js'
import { isFromBase, toComposeRecord, type WantedRecord } from './wanted-record.js'

export type { BaseRecord, NewRecord, NewStub, WantedRecord } from './wanted-record.js'

export interface TokenCtlRequest {
  /** The file that records are taken from. It must verify, or be a draft. */
  readonly base?: Uint8Array
  readonly profile: RecordProfileName
  readonly digest: CtlDigest
  /** Seconds since 1970, UTC. */
  readonly timestamp: number
  readonly fileName?: string
  /** Certificate of the token that will sign, DER. It must be the certificate of one of the SAST records. */
  readonly signer: Uint8Array
  readonly records: readonly WantedRecord[]
  /** Whether the layout and the further fields of the base's header are kept; else it is the profile's. */
  readonly keepHeader?: boolean
}

/**
 * A draft from a base file and certificates, ready for its signer. The draft is decoded and checked like a
 * file from outside before it is returned. Throws CtlError: those of `composeCtlFile` and `verifyCtlFile`,
 * CTL_NOT_ENCODABLE for a base that does not come back byte for byte or lacks the record.
 */
export function composeCtl(request: TokenCtlRequest): UnsignedCtl {
  const base = request.base === undefined ? undefined : decodeBase(request.base)
  const records = request.records.map((record, index) =>
    toComposeRecord(request.profile, base, record, index + 1),
  )
  const draft = composeNaming(request, {
    profile: request.profile,
    digest: request.digest,
    timestamp: request.timestamp,
    ...(request.fileName !== undefined && { fileName: request.fileName }),
    signer: chooseSigner(request.signer, records),
    records,
    ...(request.keepHeader && base && { header: base.header }),
  })
  const { problem } = verifyCtlFile(draft)
  if (problem !== undefined && problem.code !== 'CTL_UNSIGNED') {
    throw new CtlError(problem.code, problem.detail, problem.at)
  }
  return draft
}

/** A record that lacks its address is named by its number in the base file, where a person looks it up. */
function composeNaming({ records }: TokenCtlRequest, request: ComposeRequest): UnsignedCtl {
  try {
    return composeCtlFile(request)
  } catch (error) {
    const needsAddress = error instanceof CtlError && error.code === 'CTL_SERVER_ADDRESS_NEEDED'
    const wanted = needsAddress ? records[(error.place.record ?? 0) - 1] : undefined
    if (!needsAddress || wanted === undefined || !isFromBase(wanted)) throw error
    const detail = `Record ${wanted.base} of the base file needs the IP address of its server.`
    throw new CtlError(error.code, detail, { ...error.place, record: wanted.base })
  }
}

/** Throws what `verifyCtlFile` finds, and CTL_NOT_ENCODABLE when the file would not come back byte for byte. */
export function decodeBase(bytes: Uint8Array): CtlFile {
  const file = decodeCtlFile(bytes)
  // A transfer that damaged the file must not become a file that is signed. A draft has no signature yet.
  const { problem } = verifyCtlFile(bytes)
  if (problem !== undefined && problem.code !== 'CTL_UNSIGNED') {
    throw new CtlError(problem.code, `The base file: ${problem.detail}`, problem.at)
  }
  if (sameBytes(encodeCtlFile(file), bytes)) return file
  throw new CtlError('CTL_NOT_ENCODABLE', 'The base file would not come back byte for byte.')
}

/** The signer's identity as its SAST record says it, so that phones find the record by it. */
function chooseSigner(der: Uint8Array, records: readonly ComposeRecord[]): ComposeSigner {
  const { key } = readCertificate(der)
  if (key.type !== 'rsa' || key.bits % 8 !== 0) {
    const kind = key.type === 'rsa' ? `RSA of ${key.bits} bits` : `a key of type ${key.type}`
    throw new CtlError('CTL_SIGNER_KEY_UNSUPPORTED', `A CTL cannot be signed with ${kind}.`)
  }
  for (const record of records) {
    const identity = identityOfSast(record)
    if (identity !== undefined && sameBytes(identity.certificate, der)) {
      const { name, issuer, serial } = identity
      return { name, issuer, serial, modulusBytes: key.bits / 8 }
    }
  }
  throw new CtlError('CTL_SIGNER_MISSING', "No SAST record holds the signer's certificate.")
}

type Identity = Omit<ComposeSigner, 'modulusBytes'> & { readonly certificate: Uint8Array }

function identityOfSast(record: ComposeRecord): Identity | undefined {
  if (record.kind === 'certificate' && record.function === SAST) {
    return { ...record.fields, name: record.fields.subject }
  }
  const isOfFile = record.kind === 'copy' || record.kind === 'keep'
  if (!isOfFile || functionOf(record.record) !== SAST) return undefined
  const name = recordValue(record.record, recordTag.subjectName)
  const issuer = recordValue(record.record, recordTag.issuerName)
  const serial = recordValue(record.record, recordTag.serialNumber)
  const certificate = certificateOf(record.record)
  const isComplete = name && issuer && serial && certificate
  return isComplete ? { name, issuer, serial, certificate } : undefined
}
