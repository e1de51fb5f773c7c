/**
 * What `daemon/ctl` refuses, as a code and a byte offset. Texts and remedies: `daemon/problems.ts`.
 * Decoding throws nothing but CtlError, whatever the input.
 */
export type CtlErrorCode =
  /** Zero bytes. */
  | 'CTL_EMPTY'
  /** Larger than MAX_CTL_BYTES. */
  | 'CTL_TOO_LARGE'
  /** The bytes end inside a tag, a length or a value. */
  | 'CTL_TRUNCATED'
  /** A field of fixed size has another length. */
  | 'CTL_LENGTH_WRONG'
  /** A container's fields do not fill it exactly, or stick out of it. */
  | 'CTL_CONTAINER_WRONG'
  /** HEADERLENGTH or RECORDLENGTH disagrees with the fields found. */
  | 'CTL_LENGTH_LIES'
  /** Bytes after the last record that do not begin a record. */
  | 'CTL_TRAILING_BYTES'
  | 'CTL_FIELD_MISSING'
  | 'CTL_FIELD_DUPLICATE'
  /** A field stands where the format does not allow it: version first, header length second. */
  | 'CTL_FIELD_MISPLACED'
  /** A text without its NUL at the end. */
  | 'CTL_TEXT_WRONG'
  /** A version, digest, signature algorithm or modulus code that nobody documents. */
  | 'CTL_VALUE_UNKNOWN'
  /** A function that needs a certificate has none, for example SAST. */
  | 'CTL_CERTIFICATE_MISSING'
  /** The bytes in CERTIFICATE are no DER certificate. */
  | 'CTL_CERTIFICATE_NOT_DER'
  /** Two SAST records with the signer's serial and different certificates. */
  | 'CTL_SIGNER_AMBIGUOUS'
  /** No SAST record fits the signer named in the header. */
  | 'CTL_SIGNER_MISSING'
  /** A record's name, serial or key is not its certificate's. */
  | 'CTL_RECORD_MISMATCH'
  /** The format has no code for the signer's key (1024, 2048 and 4096 bits of RSA can sign). */
  | 'CTL_SIGNER_KEY_UNSUPPORTED'
  /** What was asked for cannot be written, for example a field of more than 65535 bytes. */
  | 'CTL_NOT_ENCODABLE'
  /** A composed file would say one thing twice. */
  | 'CTL_RECORD_DUPLICATE'
  /** A CUCM release has no such file, or lists other SAST records. */
  | 'CTL_RELEASE_RULE'
  /** A composed file would be larger than CTL_SIZE_CEILING. */
  | 'CTL_OVER_CEILING'
  /** The ctl-client profile names a server by its IP address, and none is known. */
  | 'CTL_SERVER_ADDRESS_NEEDED'
  /** The signature has another length than the file has room for. */
  | 'CTL_SIGNATURE_LENGTH'
  /** The signature does not fit the file and the signer's certificate. */
  | 'CTL_SIGNATURE_WRONG'
  /** A record's certificate names a given root as its issuer and was not signed by it. */
  | 'CTL_CHAIN_BROKEN'
  /** The signature is all zero: a composed file that nobody signed yet. */
  | 'CTL_UNSIGNED'
  /** A configuration file that is encrypted: its payload is no text to be shown or taken out. */
  | 'SGN_ENCRYPTED'
  /** A name that no file of TFTP has. */
  | 'SGN_NAME_WRONG'
  /** A payload that would make the signed file a CTL, or nothing at all. */
  | 'SGN_PAYLOAD_REFUSED'
  /** The header names another certificate than the one that was given. */
  | 'SGN_SIGNER_OTHER'
  /** The signer is in the CTL or ITL, but may not sign files of TFTP. */
  | 'SGN_SIGNER_ROLE'

export interface CtlErrorPlace {
  /** Bytes from the start of the file. */
  readonly offset?: number
  /** Tag number of the field in question. */
  readonly tag?: number
  /** Number of the record, from 1, as `show ctl` counts. */
  readonly record?: number
}

export class CtlError extends Error {
  override readonly name = 'CtlError'
  readonly code: CtlErrorCode
  readonly place: CtlErrorPlace

  constructor(code: CtlErrorCode, detail: string, place: CtlErrorPlace = {}) {
    super(detail)
    this.code = code
    this.place = place
  }
}
