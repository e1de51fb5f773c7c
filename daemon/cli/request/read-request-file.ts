import { decodeSigningRequest, type SigningRequest } from '../../signing/signing-request.js'
import { readInputFile } from '../read-input-file.js'

/** A CTL of 1 MiB as a request, in UTF-16. */
export const REQUEST_BYTES = 4 * 1024 * 1024

/** Rejects with FILE_UNREADABLE, REQUEST_MALFORMED or REQUEST_TAMPERED. */
export async function readRequestFile(
  name: string,
): Promise<{ readonly text: Uint8Array; readonly request: SigningRequest }> {
  const text = await readInputFile(name, REQUEST_BYTES)
  return { text, request: decodeSigningRequest(text) }
}
