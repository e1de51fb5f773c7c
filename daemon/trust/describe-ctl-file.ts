import { createHash } from 'node:crypto'
import { hex } from '../ctl/bytes.js'
import { CtlError } from '../ctl/ctl-error.js'
import { type CtlRecord, headerLength, recordLength, recordOffsets } from '../ctl/ctl-field.js'
import { decodeCtlFile } from '../ctl/ctl-file.js'
import {
  digestOf,
  fileNameOf,
  modulusBytesOf,
  type SignerId,
  signerIdOf,
  signerVersionOf,
  timestampOf,
} from '../ctl/header-fields.js'
import {
  certificateOf,
  functionOf,
  ipAddressOf,
  isSignerRecord,
  recordText,
  recordValue,
  unknownTagsOf,
} from '../ctl/record-fields.js'
import { type CtlDigest, functionName, recordTag } from '../ctl/tags.js'
import { decodeText } from '../ctl/text.js'
import { isUnsigned } from '../ctl/to-be-signed.js'
import { type CertificateKey, describeKey, identityOf } from './certificate.js'
import { readCertificateParts } from './certificate-parts.js'

/** A file as plain data. Hashes are lower-case hex, serials upper-case colon hex, times ISO 8601 in UTC. */
export interface CtlDescription {
  /** Bytes. */
  readonly length: number
  readonly md5: string
  readonly sha1: string
  readonly sha256: string
  /** `1.2` */
  readonly version: string
  /** Bytes. */
  readonly headerLength: number
  /** Tag 28 of certutils, for example `1.0`. */
  readonly signerVersion?: string
  readonly signer: { readonly name: string; readonly serial: string; readonly issuer: string }
  readonly digest: CtlDigest
  /** Bytes. */
  readonly signatureLength: number
  /** Whether the signature is all zero. */
  readonly unsigned: boolean
  readonly fileName?: string
  readonly timestamp?: string
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
  readonly ipAddress?: string
  readonly publicKeyBytes?: number
  readonly certificate?: CertificateDescription
  /** Why the certificate cannot be shown. */
  readonly certificateProblem?: { readonly code: string; readonly detail: string }
  readonly unknownTags: readonly number[]
  /** Whether this SAST record is the one that the header names. */
  readonly signedTheFile: boolean
}

export interface CertificateDescription {
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
}

/** Throws CtlError when the bytes are no CTL. A certificate that cannot be read is said in its record. */
export function describeCtlFile(bytes: Uint8Array): CtlDescription {
  const file = decodeCtlFile(bytes)
  const signer = signerIdOf(file)
  const offsets = recordOffsets(file)
  const fileName = fileNameOf(file)
  const timestamp = timestampOf(file)
  const signerVersion = signerVersionOf(file)
  return {
    length: bytes.length,
    md5: digestHex('md5', bytes),
    sha1: digestHex('sha1', bytes),
    sha256: digestHex('sha256', bytes),
    version: `${file.version.major}.${file.version.minor}`,
    headerLength: headerLength(file),
    ...(signerVersion && { signerVersion: signerVersion.join('.') }),
    signer: {
      name: decodeText(signer.name),
      serial: colonHex(signer.serial),
      issuer: decodeText(signer.issuer),
    },
    digest: digestOf(file),
    signatureLength: modulusBytesOf(file),
    unsigned: isUnsigned(file),
    ...(fileName !== undefined && { fileName }),
    ...(timestamp !== undefined && { timestamp: new Date(timestamp * 1000).toISOString() }),
    records: file.records.map((record, index) =>
      describeRecord(record, index + 1, offsets[index] ?? 0, signer),
    ),
  }
}

function describeRecord(
  record: CtlRecord,
  number: number,
  offset: number,
  signer: SignerId,
): RecordDescription {
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
    ...describeCertificate(certificateOf(record)),
    unknownTags: unknownTagsOf(record),
    signedTheFile: isSignerRecord(signer, record),
  }
}

function describeCertificate(
  der: Uint8Array | undefined,
): Pick<RecordDescription, 'certificate' | 'certificateProblem'> {
  if (der === undefined) return {}
  try {
    const parts = readCertificateParts(der)
    const { sha1, sha256, subject, issuer } = identityOf(parts)
    return {
      certificate: {
        sha1,
        sha256,
        subject,
        issuer,
        serial: colonHex(parts.serialBytes),
        notBefore: parts.notBefore.toISOString(),
        notAfter: parts.notAfter.toISOString(),
        key: describeKey(parts),
      },
    }
  } catch (error) {
    if (!(error instanceof CtlError)) throw error
    return { certificateProblem: { code: error.code, detail: error.message } }
  }
}

function digestHex(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex')
}

function colonHex(bytes: Uint8Array): string {
  return hex(bytes, ':').toUpperCase()
}
