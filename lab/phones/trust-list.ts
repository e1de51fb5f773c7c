/** A CTL or ITL as a phone reads it: who may sign what, and who did sign. Of the product only the decoder is used. */
import { verify, X509Certificate } from 'node:crypto'
import {
  type CtlFile,
  type CtlRecord,
  certificateOf,
  decodeCtlFile,
  digestOf,
  functionOf,
  recordValue,
  signatureOf,
  signerIdOf,
  timestampOf,
} from '../../daemon/ctl/library.js'
import { recordTag } from '../../daemon/ctl/tags.js'
import { takeToBeSigned } from '../../daemon/ctl/to-be-signed.js'

/** Roles by number, domain: FUNCTION of a record. */
export const role = { sast: 0, ccm: 1, ccmTftp: 2, tftp: 3, tvs: 21 } as const

export interface TrustList {
  readonly bytes: Uint8Array
  readonly file: CtlFile
}

/** undefined: the phone cannot read it. */
export function readTrustList(bytes: Uint8Array): TrustList | undefined {
  try {
    const file = decodeCtlFile(bytes)
    // Both throw for a header or a record without them.
    signerIdOf(file)
    file.records.forEach(functionOf)
    return { bytes, file }
  } catch {
    return undefined
  }
}

/** DER of every certificate with one of these roles. */
export function certificatesWithRole(list: TrustList, roles: readonly number[]): Uint8Array[] {
  return list.file.records
    .filter((record) => roles.includes(functionOf(record)))
    .flatMap((record) => certificateOf(record) ?? [])
}

/** Whether this certificate's key made the file's signature. */
export function isSignedBy(list: TrustList, certificate: Uint8Array): boolean {
  try {
    const { publicKey } = new X509Certificate(certificate)
    return verify(digestOf(list.file), takeToBeSigned(list.bytes), publicKey, signatureOf(list.file))
  } catch {
    return false
  }
}

/** What a phone asks TVS about a file: the signer, as the new file itself names it. */
export interface SignerQuestion {
  /** With NUL, as in the file. */
  readonly subject: Uint8Array
  readonly issuer: Uint8Array
  readonly serial: Uint8Array
}

export function signerQuestion(list: TrustList): SignerQuestion {
  const { name, issuer, serial } = signerIdOf(list.file)
  return { subject: name, issuer, serial }
}

/** The certificate that the file itself gives for its signer, and by which the signature verifies. */
export function ownSigner(list: TrustList, roles: readonly number[]): Uint8Array | undefined {
  return signerRecords(list, roles)
    .flatMap((record) => certificateOf(record) ?? [])
    .find((certificate) => isSignedBy(list, certificate))
}

/** Whether the file holds a certificate for the signer that it names, whatever the signature. */
export function holdsSigner(list: TrustList, roles: readonly number[]): boolean {
  return signerRecords(list, roles).some((record) => certificateOf(record) !== undefined)
}

function signerRecords(list: TrustList, roles: readonly number[]): CtlRecord[] {
  const { issuer, serial } = signerIdOf(list.file)
  return list.file.records.filter(
    (record) =>
      roles.includes(functionOf(record)) &&
      isEqual(recordValue(record, recordTag.serialNumber), serial) &&
      isEqual(recordValue(record, recordTag.issuerName), issuer),
  )
}

/** Seconds since 1970; 0 for a file without. */
export function timeOf(list: TrustList): number {
  return timestampOf(list.file) ?? 0
}

export function isEqual(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one !== undefined && other !== undefined && Buffer.compare(one, other) === 0
}
