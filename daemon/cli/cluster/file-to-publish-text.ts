import { printable } from '../../ctl/text.js'
import { readTrustList } from '../../trust/phones/trust-list.js'

/** What is about to be published, as people compare it. */
export function fileToPublishText(name: string, bytes: Uint8Array): string {
  const { size, md5, sha1, timestamp, signer, problem } = readTrustList(bytes)
  const rows = [
    `${name === '-' ? 'Standard input' : `File ${name}`}: ${size} bytes`,
    `  MD5        ${md5}`,
    `  SHA-1      ${sha1}`,
    ...(timestamp === undefined
      ? []
      : [`  made       ${new Date(timestamp * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`]),
    ...(signer === undefined ? [] : [`  signer     ${signer.subject}`]),
    ...(problem === undefined ? [] : [`  no CTL     ${problem.detail} (${problem.code})`]),
  ]
  return `${rows.map(printable).join('\n')}\n`
}
