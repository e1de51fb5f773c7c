import { type ComposeSigner, composeHeader, textBytes } from './compose.js'
import { CtlError } from './ctl-error.js'
import { encodeSgnFile, isCtlBody, type UnsignedSgn } from './sgn-file.js'
import { type CtlDigest, headerTag } from './tags.js'

/** How a producer lays the header of a signed file out. */
export const sgnLayoutNames = ['certutils', 'cucm'] as const
export type SgnLayoutName = (typeof sgnLayoutNames)[number]

/**
 * `certutils`: as its sgnfile writes, also where its CTL differs: CUCM's order and no tag 28. `cucm`: the
 * version of a CTL of CUCM; inferred, no file was at hand.
 */
const versions: Readonly<Record<SgnLayoutName, { readonly major: number; readonly minor: number }>> = {
  certutils: { major: 1, minor: 0 },
  cucm: { major: 1, minor: 2 },
}
const signerIdOrder = [headerTag.signerName, headerTag.serialNumber, headerTag.caName]

export interface ComposeSgnRequest {
  readonly layout: SgnLayoutName
  readonly digest: CtlDigest
  /** Seconds since 1970, UTC. */
  readonly timestamp: number
  /** What FILENAME says, for example `SEP001122334455.cnf.xml.sgn`. */
  readonly fileName: string
  readonly signer: ComposeSigner
  readonly payload: Uint8Array
}

/**
 * A signed-file draft with a signature of zeros. Throws CtlError: SGN_NAME_WRONG, SGN_PAYLOAD_REFUSED for a payload that is
 * empty or would make the file a CTL, SGN_ENCRYPTED, CTL_SIGNER_KEY_UNSUPPORTED, CTL_TEXT_WRONG, CTL_TOO_LARGE.
 */
export function composeSgnFile(request: ComposeSgnRequest): UnsignedSgn {
  const { payload, fileName, signer } = request
  // A folder in the name could lead a careless reader out of the TFTP root.
  if (!/^[\x21-\x2d\x30-\x5b\x5d-\x7e][\x21-\x2e\x30-\x5b\x5d-\x7e]{0,199}$/.test(fileName)) {
    throw new CtlError(
      'SGN_NAME_WRONG',
      `A file of TFTP is not called ${JSON.stringify(fileName.slice(0, 80))}.`,
    )
  }
  if (payload.length === 0) throw new CtlError('SGN_PAYLOAD_REFUSED', 'The payload is empty.')
  // A SAST's signature over such bytes would be one over a CTL, whatever the person meant to sign.
  if (isCtlBody(payload)) {
    throw new CtlError('SGN_PAYLOAD_REFUSED', 'The payload is a row of CTL records: the file would be a CTL.')
  }
  if (/\.tlv(\.sgn)?$/i.test(fileName)) {
    throw new CtlError('SGN_PAYLOAD_REFUSED', 'A file of this name would be taken for a CTL or ITL.')
  }
  if (/\.enc(\.sgn)?$/i.test(fileName)) {
    const detail = 'The name is that of an encrypted file, whose header has fields that are not written here.'
    throw new CtlError('SGN_ENCRYPTED', detail)
  }
  const header = composeHeader({ signerIdOrder, signerVersion: undefined }, request, {
    name: textBytes(signer.name),
    issuer: textBytes(signer.issuer),
    serial: signer.serial,
  })
  return encodeSgnFile({ version: versions[request.layout], header, payload }) as UnsignedSgn
}
