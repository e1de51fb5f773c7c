import { isAllZero } from './bytes.js'
import { CtlError } from './ctl-error.js'
import { type CtlFile, FIELD_START, HEADER_START } from './ctl-field.js'
import { decodeCtlFile, encodeCtlFile } from './ctl-file.js'
import { signatureOf, signatureRecordOffset } from './header-fields.js'
import { headerTag } from './tags.js'

declare const meaning: unique symbol
export type Branded<Meaning extends string> = Uint8Array & { readonly [meaning]: Meaning }

/** What the signer hashes and signs. */
export type ToBeSigned = Branded<'to be signed'>
/** A signature as the token gave it: PKCS#1 v1.5, big-endian. */
export type Signature = Branded<'signature'>
/** A complete file that decodes, whose signature is all zero. */
export type UnsignedCtl = Branded<'unsigned CTL'>
/** A file with a signature in it. That it verifies is for `verifyCtlFile` to say. */
export type SignedCtl = Branded<'signed CTL'>

/** Whether the signature is all zero: a draft that nobody signed yet. */
export function isUnsigned(file: Pick<CtlFile, 'header'>): boolean {
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
  return cutSignature(isFile ? encodeCtlFile(source) : source, file)
}

/** The draft with this signature in it. Throws CTL_SIGNATURE_LENGTH when it does not fit. */
export function insertSignature(draft: UnsignedCtl, signature: Signature): SignedCtl {
  return fillSignature(draft, decodeCtlFile(draft), signature) as SignedCtl
}

/**
 * The draft that a message was taken from: the signature record with zeros is put back where it stood.
 * Throws CtlError when that makes no CTL whose to-be-signed bytes are these.
 */
export function restoreDraft(message: ToBeSigned, offset: number, length: number): UnsignedCtl {
  const place = { offset, tag: headerTag.signature }
  const isPlace = Number.isInteger(offset) && offset >= HEADER_START && offset <= message.length
  if (!isPlace || !Number.isInteger(length) || length < 0 || length > 0xffff) {
    throw new CtlError('CTL_LENGTH_LIES', 'No signature can stand there.', place)
  }
  const draft = new Uint8Array(message.length + FIELD_START + length)
  draft.set(message.subarray(0, offset))
  draft.set([headerTag.signature, length >>> 8, length & 0xff], offset)
  draft.set(message.subarray(offset), offset + FIELD_START + length)
  if (signatureRecordOffset(decodeCtlFile(draft)) !== offset) {
    throw new CtlError('CTL_FIELD_MISPLACED', 'The signature does not stand where it was said to.', place)
  }
  return draft as Uint8Array as UnsignedCtl
}

/** For every kind of file that begins with this header. */
export function cutSignature(bytes: Uint8Array, header: Pick<CtlFile, 'header'>): ToBeSigned {
  const start = signatureRecordOffset(header)
  const end = start + FIELD_START + signatureOf(header).length
  const message = new Uint8Array(bytes.length - (end - start))
  message.set(bytes.subarray(0, start))
  message.set(bytes.subarray(end), start)
  return message as Uint8Array as ToBeSigned
}

/** For every kind of file that begins with this header. Throws CTL_SIGNATURE_LENGTH. */
export function fillSignature(
  draft: Uint8Array,
  header: Pick<CtlFile, 'header'>,
  signature: Signature,
): Uint8Array {
  const room = signatureOf(header).length
  const offset = signatureRecordOffset(header) + FIELD_START
  if (signature.length !== room) {
    throw new CtlError(
      'CTL_SIGNATURE_LENGTH',
      `The signature has ${signature.length} bytes, and the file has room for ${room}.`,
      { offset, tag: headerTag.signature },
    )
  }
  const signed = Uint8Array.from(draft)
  signed.set(signature, offset)
  return signed
}
