import { createHash } from 'node:crypto'
import { hex } from '../../ctl/bytes.js'
import { CtlError } from '../../ctl/ctl-error.js'
import {
  type CtlFile,
  type CtlRecord,
  headerLength,
  recordLength,
  recordOffsets,
} from '../../ctl/ctl-field.js'
import { decodeCtlFile } from '../../ctl/ctl-file.js'
import {
  digestOf,
  fileNameOf,
  modulusBytesOf,
  signerIdOf,
  signerVersionOf,
  timestampOf,
} from '../../ctl/header-fields.js'
import {
  certificateOf,
  functionOf,
  ipAddressOf,
  isSignerRecord,
  recordText,
  recordValue,
  signerRecordsOf,
  unknownTagsOf,
} from '../../ctl/record-fields.js'
import { type CtlDigest, digestCodes, functionName, modulusCodes, recordTag } from '../../ctl/tags.js'
import { decodeText } from '../../ctl/text.js'
import { isUnsigned } from '../../ctl/to-be-signed.js'
import { type CertificateKey, describeKey, identityOf } from '../certificate/certificate.js'
import { type CertificateParts, readCertificateParts } from '../certificate/certificate-parts.js'
import { serialOrder } from '../certificate/serial-number.js'
import { verifyCtlFile } from '../verify/verify-ctl-file.js'
import { type ChainPlace, chainWithin } from './chain-within.js'
import { describeHeaderFields, describeRecordFields, type FieldDescription } from './describe-fields.js'

/** A file as plain data. Hashes are lower-case hex, serials upper-case colon hex, times ISO 8601 in UTC. */
export interface CtlDescription {
  /** Bytes. */
  readonly length: number
  /** By FILENAME: `CTLFile.tlv`, `CTLSEP001122334455.tlv` and their like. Both kinds have one format. */
  readonly kind: 'ctl' | 'itl' | 'unknown'
  readonly md5: string
  readonly sha1: string
  readonly sha256: string
  /** `1.2` */
  readonly version: string
  /** Bytes. */
  readonly headerLength: number
  /** Tag 28 of certutils, for example `1.0`. */
  readonly signerVersion?: string
  readonly signer: {
    readonly name: string
    readonly serial: string
    readonly issuer: string
    /** Number of the first SAST record that the header names. */
    readonly record?: number
  }
  readonly digest: CtlDigest
  /** DIGESTALGORTITHM and SIGNATUREMODULUS as numbers of the format. */
  readonly digestCode: number
  readonly modulusCode: number
  /** Bytes. */
  readonly signatureLength: number
  /** Whether the signature is all zero. */
  readonly unsigned: boolean
  /** Whether `verifyCtlFile` finds the file valid. */
  readonly verified: boolean
  readonly fileName?: string
  readonly timestamp?: string
  readonly fields: readonly FieldDescription[]
  readonly records: readonly RecordDescription[]
}

export interface RecordDescription {
  /** From 1. */
  readonly number: number
  /** Bytes from the start of the file. */
  readonly offset: number
  /** Bytes. */
  readonly length: number
  readonly function: number
  readonly functionName: string
  readonly dnsName?: string
  readonly subject?: string
  readonly issuer?: string
  /** In the record's byte order, which is reversed for tokens in files of the CTL Client. */
  readonly serial?: string
  /** How the record's serial stands to its certificate's; `other` in a record that does not verify. */
  readonly serialOrder?: 'certificate' | 'reversed' | 'other'
  readonly ipAddress?: string
  readonly publicKeyBytes?: number
  readonly certificate?: CertificateDescription
  /** Why the certificate cannot be shown. */
  readonly certificateProblem?: { readonly code: string; readonly detail: string }
  readonly unknownTags: readonly number[]
  readonly fields: readonly FieldDescription[]
  /** Whether this SAST record is the one that the header names. */
  readonly signedTheFile: boolean
}

export interface CertificateDescription {
  /** Bytes of the DER. */
  readonly length: number
  readonly sha1: string
  readonly sha256: string
  /** RFC 4514. */
  readonly subject: string
  readonly issuer: string
  /** As in the certificate. */
  readonly serial: string
  readonly notBefore: string
  readonly notAfter: string
  readonly key: CertificateKey
  /** Absent beyond the bound of `chainWithin`. */
  readonly chain?: ChainPlace
}

/** Throws CtlError when the bytes are no CTL. A certificate that cannot be read is said in its record. */
export function describeCtlFile(bytes: Uint8Array): CtlDescription {
  const file = decodeCtlFile(bytes)
  const fileName = fileNameOf(file)
  const timestamp = timestampOf(file)
  const signerVersion = signerVersionOf(file)
  return {
    length: bytes.length,
    kind: kindOf(fileName),
    md5: digestHex('md5', bytes),
    sha1: digestHex('sha1', bytes),
    sha256: digestHex('sha256', bytes),
    version: `${file.version.major}.${file.version.minor}`,
    headerLength: headerLength(file),
    ...(signerVersion && { signerVersion: signerVersion.join('.') }),
    signer: describeSigner(file),
    ...describeSignature(file),
    verified: verifyCtlFile(bytes).verdict === 'valid',
    ...(fileName !== undefined && { fileName }),
    ...(timestamp !== undefined && { timestamp: new Date(timestamp * 1000).toISOString() }),
    fields: describeHeaderFields(file),
    records: describeRecords(file),
  }
}

function kindOf(fileName = ''): CtlDescription['kind'] {
  const [, kind] = /^(CTL|ITL)/i.exec(fileName) ?? []
  return (kind?.toLowerCase() ?? 'unknown') as CtlDescription['kind']
}

function describeSigner(file: CtlFile): CtlDescription['signer'] {
  const { name, serial, issuer } = signerIdOf(file)
  const [index] = signerRecordsOf(file)
  return {
    name: decodeText(name),
    serial: colonHex(serial),
    issuer: decodeText(issuer),
    ...(index !== undefined && { record: index + 1 }),
  }
}

function describeSignature(file: CtlFile) {
  const digest = digestOf(file)
  const signatureLength = modulusBytesOf(file)
  const codeOf = <T>(codes: ReadonlyMap<number, T>, wanted: T): number =>
    [...codes].find(([, value]) => value === wanted)?.[0] ?? 0
  return {
    digest,
    digestCode: codeOf(digestCodes, digest),
    modulusCode: codeOf(modulusCodes, signatureLength),
    signatureLength,
    unsigned: isUnsigned(file),
  }
}

function describeRecords(file: CtlFile): RecordDescription[] {
  const offsets = recordOffsets(file)
  const signer = signerIdOf(file)
  const readings = file.records.map(readCertificateOf)
  const places = chainWithin(readings.map(({ parts }) => parts))
  return file.records.map((record, index) => ({
    ...describeOwn(record, index + 1, offsets[index] ?? 0),
    ...describeCertificate(record, readings[index], places[index]),
    unknownTags: unknownTagsOf(record),
    fields: describeRecordFields(record, offsets[index] ?? 0),
    signedTheFile: isSignerRecord(signer, record),
  }))
}

/** What the record says without its certificate. */
function describeOwn(record: CtlRecord, number: number, offset: number) {
  const dnsName = recordText(record, recordTag.dnsName)
  const subject = recordText(record, recordTag.subjectName)
  const issuer = recordText(record, recordTag.issuerName)
  const serial = recordValue(record, recordTag.serialNumber)
  const ipAddress = ipAddressOf(record)
  const publicKey = recordValue(record, recordTag.publicKey)
  return {
    number,
    offset,
    length: recordLength(record),
    function: functionOf(record),
    functionName: functionName(functionOf(record)),
    ...(dnsName !== undefined && { dnsName }),
    ...(subject !== undefined && { subject }),
    ...(issuer !== undefined && { issuer }),
    ...(serial && { serial: colonHex(serial) }),
    ...(ipAddress !== undefined && { ipAddress }),
    ...(publicKey && { publicKeyBytes: publicKey.length }),
  }
}

interface CertificateReading {
  readonly parts?: CertificateParts
  readonly problem?: { readonly code: string; readonly detail: string }
}

function readCertificateOf(record: CtlRecord): CertificateReading {
  const der = certificateOf(record)
  if (der === undefined) return {}
  try {
    return { parts: readCertificateParts(der) }
  } catch (error) {
    if (!(error instanceof CtlError)) throw error
    return { problem: { code: error.code, detail: error.message } }
  }
}

function describeCertificate(
  record: CtlRecord,
  { parts, problem }: CertificateReading = {},
  chain?: ChainPlace,
): Pick<RecordDescription, 'certificate' | 'certificateProblem' | 'serialOrder'> {
  if (problem !== undefined) return { certificateProblem: problem }
  if (parts === undefined) return {}
  const { sha1, sha256, subject, issuer } = identityOf(parts)
  const serial = recordValue(record, recordTag.serialNumber)
  return {
    ...(serial && { serialOrder: serialOrder(serial, parts.serialBytes) }),
    certificate: {
      length: parts.der.length,
      sha1,
      sha256,
      subject,
      issuer,
      serial: colonHex(parts.serialBytes),
      notBefore: parts.notBefore.toISOString(),
      notAfter: parts.notAfter.toISOString(),
      key: describeKey(parts),
      ...(chain && { chain }),
    },
  }
}

function digestHex(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex')
}

function colonHex(bytes: Uint8Array): string {
  return hex(bytes, ':').toUpperCase()
}
