/** A signing request in words: everything in it was made from the bytes to be signed. */
import { printable } from '../../ctl/text.js'
import type { SigningRequest } from '../../signing/signing-request.js'

export function requestText(request: SigningRequest): string {
  const { description, signer, digest } = request
  const width = Math.max(...description.records.map(({ functionName }) => functionName.length))
  const rows = [
    `Signing request ${request.id}`,
    `  from     ${request.from}, ${request.made} (as they say)`,
    `  file     ${description.fileName ?? 'without a name'} of ${description.timestamp ?? 'an unknown time'}, ${description.length} bytes`,
    `  signer   ${signer.subject}`,
    `  issuer   ${signer.issuer}`,
    `  serial   ${signer.serial}`,
    `  sha256   ${signer.certificateSha256}`,
    `  key      RSA ${signer.keyBits}, digest ${digest}`,
    `  to sign  ${request.toBeSigned.length} bytes, SHA-256 ${request.toBeSignedSha256}`,
    `  records  ${description.records.length}`,
    ...description.records.flatMap(({ number, functionName, subject, dnsName, certificate }) => [
      `  ${String(number).padStart(4)}  ${functionName.padEnd(width)}  ${subject ?? dnsName ?? ''}`,
      `        ${' '.repeat(width)}  ${certificate?.sha256 ?? 'no certificate'}`,
    ]),
  ]
  return `${rows.map(printable).join('\n')}\n`
}
