import { sameBytes, unsigned } from './bytes.js'
import { type ComposeRecord, composeRecord } from './compose-record.js'
import { CtlError } from './ctl-error.js'
import type { CtlField, CtlFile, CtlRecord } from './ctl-field.js'
import { decodeCtlFile, encodeCtlFile } from './ctl-file.js'
import { editHeader, padHeader } from './edit-header.js'
import type { SignerId } from './header-fields.js'
import { isSignerRecord, recordValue } from './record-fields.js'
import { type RecordProfile, type RecordProfileName, recordProfiles } from './record-profiles.js'
import { type CtlDigest, digestCodes, headerTag, modulusCodes, RSA_SIGNATURE, recordTag } from './tags.js'
import { encodeText } from './text.js'
import type { UnsignedCtl } from './to-be-signed.js'

export type {
  CertificateFields,
  CertificateRecord,
  ComposeRecord,
  CopiedRecord,
  KeptRecord,
  StubRecord,
} from './compose-record.js'

/** Who signs. The three fields must be those of a SAST record of the same file. */
export interface ComposeSigner {
  /** Text, or the bytes of a record's SUBJECTNAME with its NUL. */
  readonly name: string | Uint8Array
  /** Text, or the bytes of a record's ISSUERNAME with its NUL. */
  readonly issuer: string | Uint8Array
  readonly serial: Uint8Array
  /** 128, 256 or 512. */
  readonly modulusBytes: number
}

export interface ComposeRequest {
  readonly profile: RecordProfileName
  /** SHA-256 has a code, but no release is known that writes it. */
  readonly digest: CtlDigest
  readonly signer: ComposeSigner
  /** Seconds since 1970, UTC. */
  readonly timestamp: number
  /** `CTLFile.tlv` unless said otherwise. */
  readonly fileName?: string
  readonly records: readonly ComposeRecord[]
  /** The header of a file whose layout and further fields are kept; else the profile's. */
  readonly header?: readonly CtlField[]
}

/**
 * A file ready to be signed: complete, with a signature of zeros. From fields only, nothing is computed
 * from certificates and no clock is read.
 *
 * Throws CtlError: CTL_SIGNER_KEY_UNSUPPORTED, CTL_SIGNER_MISSING when no SAST record is the signer's,
 * CTL_SERVER_ADDRESS_NEEDED, CTL_FIELD_MISSING, CTL_NOT_ENCODABLE, CTL_TEXT_WRONG, CTL_LENGTH_WRONG.
 */
export function composeCtlFile(request: ComposeRequest): UnsignedCtl {
  const profile = recordProfiles[request.profile]
  const records = request.records.map((record, index) => composeRecord(profile, record, index + 1))
  const signer: SignerId = {
    name: textBytes(request.signer.name),
    issuer: textBytes(request.signer.issuer),
    serial: request.signer.serial,
  }
  requireSigner(signer, records)
  const header = composeHeader(profile, request, signer)
  const file: CtlFile = { version: { major: 1, minor: 2 }, header, records }
  const bytes = encodeCtlFile(file)
  decodeCtlFile(bytes)
  return bytes as UnsignedCtl
}

function requireSigner(signer: SignerId, records: readonly CtlRecord[]): void {
  const isThere = records.some(
    (record) =>
      isSignerRecord(signer, record) && sameBytes(recordValue(record, recordTag.subjectName), signer.name),
  )
  if (!isThere) {
    throw new CtlError('CTL_SIGNER_MISSING', 'No SAST record has the name, issuer and serial of the signer.')
  }
}

/** What the header says beside the signer's identity. */
export interface HeaderRequest extends Pick<ComposeRequest, 'digest' | 'timestamp' | 'fileName' | 'header'> {
  readonly signer: Pick<ComposeSigner, 'modulusBytes'>
}

type HeaderProfile = Pick<RecordProfile, 'signerIdOrder' | 'signerVersion'>

/** The header with a signature of zeros, padded. Throws as `composeCtlFile` does. */
export function composeHeader(profile: HeaderProfile, request: HeaderRequest, signer: SignerId): CtlField[] {
  const values = new Map<number, Uint8Array>([
    [headerTag.digestAlgorithm, Uint8Array.of(digestCode(request.digest))],
    [headerTag.signatureAlgorithm, Uint8Array.of(RSA_SIGNATURE)],
    [headerTag.signatureModulus, Uint8Array.of(modulusCode(request.signer.modulusBytes))],
    [headerTag.signature, new Uint8Array(request.signer.modulusBytes)],
    [headerTag.fileName, encodeText(request.fileName ?? 'CTLFile.tlv')],
    [headerTag.timestamp, timestampBytes(request.timestamp)],
  ])
  return editHeader(request.header ?? emptyHeader(profile), { signer, values })
}

/** The fields of a profile's header in their order, still without values. */
function emptyHeader({ signerVersion, signerIdOrder }: HeaderProfile): CtlField[] {
  const empty = (tag: number): CtlField => value(tag, new Uint8Array())
  return padHeader([
    ...(signerVersion === undefined ? [] : [value(headerTag.signerVersion, signerVersion)]),
    container(headerTag.signerId, signerIdOrder.map(empty)),
    container(headerTag.signatureInfo, [
      empty(headerTag.digestAlgorithm),
      container(headerTag.signatureAlgoInfo, [
        empty(headerTag.signatureAlgorithm),
        empty(headerTag.signatureModulus),
      ]),
    ]),
    ...[headerTag.signature, headerTag.fileName, headerTag.timestamp].map(empty),
  ])
}

function value(tag: number, bytes: Uint8Array): CtlField {
  return { kind: 'value', tag, value: bytes }
}

function container(tag: number, fields: readonly CtlField[]): CtlField {
  return { kind: 'container', tag, fields }
}

/** A text with its NUL, or the bytes that have one already. */
export function textBytes(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? encodeText(text) : text
}

function digestCode(digest: CtlDigest): number {
  for (const [code, name] of digestCodes) if (name === digest) return code
  throw new CtlError('CTL_NOT_ENCODABLE', `There is no code for the digest ${digest}.`)
}

/** 64 bytes have a code too, but 512-bit RSA protects nothing. */
function modulusCode(modulusBytes: number): number {
  for (const [code, length] of modulusCodes) if (length === modulusBytes && length > 64) return code
  throw new CtlError(
    'CTL_SIGNER_KEY_UNSUPPORTED',
    `A CTL can be signed with RSA of 1024, 2048 or 4096 bits, not with ${modulusBytes * 8}.`,
  )
}

function timestampBytes(seconds: number): Uint8Array {
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= 0xffff_ffff) return unsigned(seconds, 4)
  throw new CtlError('CTL_NOT_ENCODABLE', `The time ${seconds} does not fit 4 bytes of whole seconds.`, {
    tag: headerTag.timestamp,
  })
}
