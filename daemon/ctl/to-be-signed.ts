import { isAllZero } from './bytes.js'
import { CtlError } from './ctl-error.js'
import { type CtlFile, FIELD_START } from './ctl-field.js'
import { decodeCtlFile, encodeCtlFile } from './ctl-file.js'
import { signatureOf, signatureRecordOffset } from './header-fields.js'
import { headerTag } from './tags.js'

declare const meaning: unique symbol
type Branded<Meaning extends string> = Uint8Array & { readonly [meaning]: Meaning }

/** What the signer hashes and signs. */
export type ToBeSigned = Branded<'to be signed'>
/** A signature as the token gave it: PKCS#1 v1.5, big-endian. */
export type Signature = Branded<'signature'>
/** A complete file that decodes, whose signature is all zero. */
export type UnsignedCtl = Branded<'unsigned CTL'>
/** A file with a signature in it. That it verifies is for `verifyCtlFile` to say. */
export type SignedCtl = Branded<'signed CTL'>

/** Whether the signature is all zero: a draft that nobody signed yet. */
export function isUnsigned(file: CtlFile): boolean {
  return isAllZero(signatureOf(file))
}

/** Whether the bytes are a draft. Throws CtlError when they are no CTL at all. */
export function isUnsignedCtl(bytes: Uint8Array): bytes is UnsignedCtl {
  return isUnsigned(decodeCtlFile(bytes))
}

/** Calls bytes a signature; `insertSignature` checks their number. */
export function asSignature(bytes: Uint8Array): Signature {
  return bytes as Signature
}

/**
 * The whole file with the signature record (tag, length and value) cut out. HEADERLENGTH goes on counting
 * it. Checked against a real file made by certutils. Throws CtlError when the bytes are no CTL.
 */
export function takeToBeSigned(source: Uint8Array | CtlFile): ToBeSigned {
  const isFile = !(source instanceof Uint8Array)
  const file = isFile ? source : decodeCtlFile(source)
  const bytes = isFile ? encodeCtlFile(source) : source
  const start = signatureRecordOffset(file)
  const end = start + FIELD_START + signatureOf(file).length
  const message = new Uint8Array(bytes.length - (end - start))
  message.set(bytes.subarray(0, start))
  message.set(bytes.subarray(end), start)
  return message as Uint8Array as ToBeSigned
}

/** The draft with this signature in it. Throws CTL_SIGNATURE_LENGTH when it does not fit. */
export function insertSignature(draft: UnsignedCtl, signature: Signature): SignedCtl {
  const file = decodeCtlFile(draft)
  const room = signatureOf(file).length
  const offset = signatureRecordOffset(file) + FIELD_START
  if (signature.length !== room) {
    throw new CtlError(
      'CTL_SIGNATURE_LENGTH',
      `The signature has ${signature.length} bytes, and the file has room for ${room}.`,
      { offset, tag: headerTag.signature },
    )
  }
  const signed = Uint8Array.from(draft)
  signed.set(signature, offset)
  return signed as Uint8Array as SignedCtl
}
