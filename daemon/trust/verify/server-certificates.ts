import { type CtlFile, decodeCtlFile } from '../../ctl/ctl-file.js'
import { certificateOf, functionOf } from '../../ctl/record-fields.js'
import { SAST } from '../../ctl/tags.js'

/** Certificates of the records of a CTL or ITL that are no SAST's; none of bytes that are neither. */
export function serverCertificates(bytes: Uint8Array): Uint8Array[] {
  try {
    return serverCertificatesOf(decodeCtlFile(bytes))
  } catch {
    return []
  }
}

export const serverCertificatesOf = (file: CtlFile): Uint8Array[] =>
  file.records.flatMap((record) => (functionOf(record) === SAST ? [] : (certificateOf(record) ?? [])))
