/**
 * What `ctl-bridge/ctl` offers to other programs, in Node and in browsers: the file format of Cisco CTL and ITL
 * files, without keys, hashes, clocks or disks. Bytes are `Uint8Array` everywhere, lengths and offsets are in bytes,
 * times in seconds since 1970 UTC. What is refused is a `CtlError` with a stable code and a place.
 *
 * Docs with examples: docs/library.md.
 */

/** A new file from fields, with a signature of zeros. */
export {
  type CertificateFields,
  type CertificateRecord,
  type ComposeRecord,
  type ComposeRequest,
  type ComposeSigner,
  type CopiedRecord,
  composeCtlFile,
  type StubRecord,
} from './compose.js'

/** The one kind of error that is thrown. */
export { CtlError, type CtlErrorCode, type CtlErrorPlace } from './ctl-error.js'

/** Where things stand in a file, in bytes, and the first value with a tag. */
export { fieldValue, headerLength, recordLength, recordOffsets } from './ctl-field.js'
/** Bytes → fields and back, byte for byte. */
export {
  type ContainerField,
  CTL_SIZE_CEILING,
  type CtlField,
  type CtlFile,
  type CtlRecord,
  decodeCtlFile,
  encodeCtlFile,
  MAX_CTL_BYTES,
  type PaddingField,
  type ValueField,
} from './ctl-file.js'
/** The facts of the header. They throw CTL_FIELD_MISSING or CTL_VALUE_UNKNOWN for a header made by hand. */
export {
  digestOf,
  fileNameOf,
  modulusBytesOf,
  type SignerId,
  signatureOf,
  signerIdOf,
  timestampOf,
} from './header-fields.js'
/** The facts of a record. What a record does not have is undefined. */
export {
  certificateOf,
  functionOf,
  ipAddressOf,
  isSignerRecord,
  recordText,
  recordValue,
  signerRecordsOf,
} from './record-fields.js'
export { type RecordProfileName, recordProfileNames } from './record-profiles.js'
/** The text of `show ctl`. Checksums, date and verdict come from the caller. */
export { type ShowValues, showCtlFile, showNoCtlFile } from './show.js'
/** Tag numbers, roles and digests, with the names that `show ctl` prints. */
export {
  type CtlDigest,
  ctlFunctions,
  functionName,
  headerTag,
  headerTagNames,
  recordTag,
  recordTagNames,
  SAST,
} from './tags.js'
/** Texts of a file, and texts made safe for a terminal. */
export { decodeText, encodeText, printable, printableText } from './text.js'
/** What a signer signs, and how the signature gets into the file. */
export {
  asSignature,
  insertSignature,
  isUnsigned,
  isUnsignedCtl,
  type Signature,
  type SignedCtl,
  type ToBeSigned,
  takeToBeSigned,
  type UnsignedCtl,
} from './to-be-signed.js'
