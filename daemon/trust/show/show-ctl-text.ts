import { createHash } from 'node:crypto'
import { decodeCtlFile } from '../../ctl/ctl-file.js'
import { timestampOf } from '../../ctl/header-fields.js'
import { certificateOf } from '../../ctl/record-fields.js'
import { showCtlFile, showNoCtlFile } from '../../ctl/show.js'
import { checkCtlFile } from '../verify/check-ctl-file.js'
import { dateText } from './date-text.js'

export interface ShowOptions {
  /** An IANA name, UTC unless said otherwise. */
  readonly timeZone?: string
  /** When the file was last written. Its own TIMESTAMP stands in for it. */
  readonly modified?: Date
}

/**
 * The file as `show ctl` of CUCM prints it, with checksums and the verdict. No bytes give the text of a node
 * without a file. Throws CtlError when the bytes are no CTL.
 */
export function showCtlText(bytes: Uint8Array, options: ShowOptions = {}): string {
  if (bytes.length === 0) return showNoCtlFile()
  const file = decodeCtlFile(bytes)
  const timestamp = timestampOf(file)
  const modified = options.modified ?? (timestamp === undefined ? undefined : new Date(timestamp * 1000))
  return showCtlFile(file, {
    md5: createHash('md5').update(bytes).digest('hex'),
    sha1: createHash('sha1').update(bytes).digest('hex'),
    modifiedText: modified === undefined ? 'an unknown date' : dateText(modified, options.timeZone),
    certificateSha1: file.records.map((record) => {
      const der = certificateOf(record)
      return der && createHash('sha1').update(der).digest()
    }),
    verified: checkCtlFile(bytes).problems.length === 0,
    length: bytes.length,
  })
}
