import { type KeyObject, verify } from 'node:crypto'
import { CtlError, type CtlErrorPlace } from '../../ctl/ctl-error.js'
import type { FileHeader } from '../../ctl/header.js'
import { digestOf, modulusBytesOf, signatureOf, signatureRecordOffset } from '../../ctl/header-fields.js'
import { headerTag } from '../../ctl/tags.js'
import { isUnsigned, type ToBeSigned } from '../../ctl/to-be-signed.js'

/**
 * Whether the signature of the header is the key's over the message. Throws CTL_SIGNATURE_LENGTH,
 * CTL_UNSIGNED or CTL_SIGNATURE_WRONG; `where` is said with them.
 */
export function checkHeaderSignature(
  file: FileHeader,
  message: ToBeSigned,
  key: KeyObject,
  where: Pick<CtlErrorPlace, 'record'> = {},
): void {
  const place = { offset: signatureRecordOffset(file), tag: headerTag.signature, ...where }
  const keyBits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (modulusBytesOf(file) * 8 !== keyBits) {
    const detail = `The header names a signature of ${modulusBytesOf(file) * 8} bits, the signer's key has ${keyBits}.`
    throw new CtlError('CTL_SIGNATURE_LENGTH', detail, place)
  }
  if (isUnsigned(file)) {
    throw new CtlError('CTL_UNSIGNED', 'The signature is all zero: nobody signed this file yet.', place)
  }
  // node:crypto checks an RSA signature as PKCS#1 v1.5 unless told otherwise.
  if (!verify(digestOf(file), message, key, signatureOf(file))) {
    const detail = "The signature does not fit the file and the signer's key."
    throw new CtlError('CTL_SIGNATURE_WRONG', detail, place)
  }
}
