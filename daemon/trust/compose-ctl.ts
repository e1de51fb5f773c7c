import { sameBytes } from '../ctl/bytes.js'
import {
  type ComposeRecord,
  type ComposeRequest,
  type ComposeSigner,
  composeCtlFile,
} from '../ctl/compose.js'
import { CtlError } from '../ctl/ctl-error.js'
import { type CtlFile, decodeCtlFile, encodeCtlFile } from '../ctl/ctl-file.js'
import { certificateOf, functionOf, recordValue } from '../ctl/record-fields.js'
import { type RecordProfileName, recordProfiles } from '../ctl/record-profiles.js'
import { recordTag, SAST } from '../ctl/tags.js'
import type { UnsignedCtl } from '../ctl/to-be-signed.js'
import { readCertificate } from './certificate.js'
import { type CertificateHolder, certificateFields } from './certificate-fields.js'
import { readCertificateParts } from './certificate-parts.js'
import { verifyCtlFile } from './verify-ctl-file.js'

/** DNSNAME as text and IPADDRESS as 4 bytes, in place of what the profile would write. */
interface AddressWish {
  readonly dnsName?: string
  readonly ipAddress?: Uint8Array
}

/** A record of the base file by its number, from 1. */
export type BaseRecord = AddressWish & { readonly base: number }
/** A record made from a certificate, DER. */
export type NewRecord = AddressWish & {
  readonly certificate: Uint8Array
  readonly kind: CertificateHolder
  readonly function: number
}
/** A server without a certificate. */
export interface NewStub {
  readonly stub: { readonly function: number; readonly dnsName: string; readonly ipAddress: Uint8Array }
}

export interface TokenCtlRequest {
  /** The file that records are taken from. It must verify, or be a draft. */
  readonly base?: Uint8Array
  readonly profile: RecordProfileName
  readonly digest: 'sha1' | 'sha512'
  /** Seconds since 1970, UTC. */
  readonly timestamp: number
  readonly fileName?: string
  /** Certificate of the token that will sign, DER. It must be the certificate of one of the SAST records. */
  readonly signer: Uint8Array
  readonly records: ReadonlyArray<BaseRecord | NewRecord | NewStub>
}

/**
 * A draft from a base file and certificates, ready for its signer. The draft is decoded and checked like a
 * file from outside before it is returned. Throws CtlError: those of `composeCtlFile` and `verifyCtlFile`,
 * CTL_NOT_ENCODABLE for a base that does not come back byte for byte or lacks the record.
 */
export function composeCtl(request: TokenCtlRequest): UnsignedCtl {
  const base = request.base === undefined ? undefined : decodeBase(request.base)
  const records = request.records.map((record, index) => toComposeRecord(request, base, record, index + 1))
  const draft = composeNaming(request, {
    profile: request.profile,
    digest: request.digest,
    timestamp: request.timestamp,
    ...(request.fileName !== undefined && { fileName: request.fileName }),
    signer: chooseSigner(request.signer, records),
    records,
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
    if (!needsAddress || wanted === undefined || !('base' in wanted)) throw error
    const detail = `Record ${wanted.base} of the base file needs the IP address of its server.`
    throw new CtlError(error.code, detail, { ...error.place, record: wanted.base })
  }
}

function decodeBase(bytes: Uint8Array): CtlFile {
  const file = decodeCtlFile(bytes)
  // A transfer that damaged the file must not become a file that is signed. A draft has no signature yet.
  const { problem } = verifyCtlFile(bytes)
  if (problem !== undefined && problem.code !== 'CTL_UNSIGNED') {
    throw new CtlError(problem.code, `The base file: ${problem.detail}`, problem.at)
  }
  if (sameBytes(encodeCtlFile(file), bytes)) return file
  throw new CtlError('CTL_NOT_ENCODABLE', 'The base file would not come back byte for byte.')
}

function toComposeRecord(
  request: TokenCtlRequest,
  base: CtlFile | undefined,
  record: BaseRecord | NewRecord | NewStub,
  number: number,
): ComposeRecord {
  if ('stub' in record) return { kind: 'stub', ...record.stub }
  if ('base' in record) return copyFromBase(request, base, record, number)
  const parts = readNewCertificate(record.certificate, number)
  return {
    kind: 'certificate',
    function: record.function,
    fields: certificateFields(parts, request.profile, record.kind),
    ...wishOf(record),
  }
}

function readNewCertificate(der: Uint8Array, number: number) {
  try {
    return readCertificateParts(der)
  } catch (error) {
    if (!(error instanceof CtlError)) throw error
    throw new CtlError(error.code, error.message, { record: number })
  }
}

function copyFromBase(
  request: TokenCtlRequest,
  base: CtlFile | undefined,
  wanted: BaseRecord,
  number: number,
): ComposeRecord {
  const record = base?.records[wanted.base - 1]
  if (record === undefined) {
    throw new CtlError('CTL_NOT_ENCODABLE', `The base file has no record ${wanted.base}.`, { record: number })
  }
  const copied = { kind: 'copy', record, ...wishOf(wanted) } as const
  const certificate = certificateOf(record)
  const lacksSignature =
    certificate !== undefined &&
    recordValue(record, recordTag.signature) === undefined &&
    recordProfiles[request.profile].recordOrder.includes(recordTag.signature)
  if (!lacksSignature) return copied
  return { ...copied, certificateSignature: readNewCertificate(certificate, number).signature }
}

function wishOf(record: AddressWish): AddressWish {
  return {
    ...(record.dnsName !== undefined && { dnsName: record.dnsName }),
    ...(record.ipAddress !== undefined && { ipAddress: record.ipAddress }),
  }
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
  if (record.kind !== 'copy' || functionOf(record.record) !== SAST) return undefined
  const name = recordValue(record.record, recordTag.subjectName)
  const issuer = recordValue(record.record, recordTag.issuerName)
  const serial = recordValue(record.record, recordTag.serialNumber)
  const certificate = certificateOf(record.record)
  const isComplete = name && issuer && serial && certificate
  return isComplete ? { name, issuer, serial, certificate } : undefined
}
