import { decodeSgnFile } from '../../ctl/sgn-file.js'
import { showHeader } from '../../ctl/show.js'
import { printable } from '../../ctl/text.js'
import { describeSgnFile } from './describe-sgn-file.js'

/** The header as `show ctl` prints one, then what it stands in front of. Throws CtlError. */
export function showSgnText(bytes: Uint8Array, name?: string): string {
  const { payload, md5, sha1, fileName, timestamp, encrypted, unsigned } = describeSgnFile(bytes, name)
  return [
    'The checksum value of the file:',
    `${md5}(MD5)`,
    `${sha1}(SHA1)`,
    '',
    `Length of file: ${bytes.length}`,
    `Signed at: ${unsigned ? 'not signed yet' : (timestamp ?? 'an unknown date')}`,
    '',
    ...showHeader(decodeSgnFile(bytes)),
    '',
    'Payload',
    '-------',
    `Name:\t${fileName === undefined ? 'not said' : printable(fileName)}`,
    `Length:\t${payload.length} (BYTES)${encrypted === undefined ? '' : `, encrypted (told by its ${encrypted})`}`,
    `MD5:\t${payload.md5}`,
    `SHA1:\t${payload.sha1}`,
    `SHA256:\t${payload.sha256}`,
    '',
  ].join('\n')
}
