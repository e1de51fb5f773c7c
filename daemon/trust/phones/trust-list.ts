import { createHash } from 'node:crypto'
import { sameBytes } from '../../ctl/bytes.js'
import { decodeCtlFile } from '../../ctl/ctl-file.js'
import { digestOf, signerIdOf, timestampOf } from '../../ctl/header-fields.js'
import { certificateOf, functionOf, recordValue } from '../../ctl/record-fields.js'
import { type CtlDigest, recordTag } from '../../ctl/tags.js'
import { decodeText } from '../../ctl/text.js'
import { readCertificateParts } from '../certificate/certificate-parts.js'
import { serialNumber } from '../certificate/serial-number.js'
import type { CtlProblem } from '../verify/verdict.js'
import { verifyCtlFile } from '../verify/verify-ctl-file.js'

/** A certificate of a trust list, with what the file says of it. */
export interface ListedCertificate {
  /** Number of the record, from 1. */
  readonly record: number
  /** FUNCTION. */
  readonly role: number
  /** DER. */
  readonly certificate: Uint8Array
  readonly publicKey: Uint8Array
  /** As in the record, text with its NUL. */
  readonly issuer: Uint8Array | undefined
  /** As in the record, in its byte order. */
  readonly serial: Uint8Array | undefined
}

export interface ListSigner extends ListedCertificate {
  /** SUBJECTNAME as text. */
  readonly subject: string
  /** Whether SIGNERID holds the serial in the byte order of the certificate. */
  readonly isSerialAsInCertificate: boolean
}

/** What a phone would look at in a CTL or ITL. */
export interface TrustList {
  /** Bytes. */
  readonly size: number
  /** Lower-case hex over the file: what phones show on their screen is one of md5 and sha1. */
  readonly md5: string
  readonly sha1: string
  readonly sha256: string
  /** Why no phone can use the file. A draft has none: it is looked at as if it were signed. */
  readonly problem?: CtlProblem
  readonly isDraft: boolean
  /** Seconds since 1970, UTC. */
  readonly timestamp?: number
  readonly digest?: CtlDigest
  /** There unless the file has a problem. */
  readonly signer?: ListSigner
  readonly certificates: readonly ListedCertificate[]
}

/** Reads and verifies a trust list. Never throws: what is wrong is told in `problem`. */
export function readTrustList(bytes: Uint8Array): TrustList {
  const { problem, signer } = verifyCtlFile(bytes)
  const isDraft = problem?.code === 'CTL_UNSIGNED'
  const facts = { size: bytes.length, ...checksums(bytes), isDraft }
  if (problem !== undefined && !isDraft) return { ...facts, problem, certificates: [] }
  const file = decodeCtlFile(bytes)
  const timestamp = timestampOf(file)
  const certificates = file.records.flatMap((record, index): ListedCertificate[] => {
    const certificate = certificateOf(record)
    if (certificate === undefined) return []
    return [
      {
        record: index + 1,
        role: functionOf(record),
        certificate,
        publicKey: readCertificateParts(certificate).publicKey,
        issuer: recordValue(record, recordTag.issuerName),
        serial: recordValue(record, recordTag.serialNumber),
      },
    ]
  })
  const signing = certificates.find(({ record }) => record === signer?.record)
  const { name, serial } = signerIdOf(file)
  return {
    ...facts,
    ...(timestamp !== undefined && { timestamp }),
    digest: digestOf(file),
    ...(signing !== undefined && {
      signer: {
        ...signing,
        subject: decodeText(name),
        isSerialAsInCertificate: isOwnSerial(signing, serial),
      },
    }),
    certificates,
  }
}

function isOwnSerial({ certificate }: ListedCertificate, serial: Uint8Array): boolean {
  return sameBytes(serial, serialNumber(readCertificateParts(certificate).serialBytes))
}

function checksums(bytes: Uint8Array): Pick<TrustList, 'md5' | 'sha1' | 'sha256'> {
  const hash = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex')
  return { md5: hash('md5'), sha1: hash('sha1'), sha256: hash('sha256') }
}
