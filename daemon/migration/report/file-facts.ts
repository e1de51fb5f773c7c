/** A trust list as a report tells it: size, checksums, signer. */
import { knownTrustList } from '../known-trust-list.js'
import { readCurrentFile, serversInItls, sha256 } from '../plan/ground.js'
import type { Situation } from '../situation/situation.js'
import type { FileFacts, FileState } from './report.js'

export function fileState(bytes: Uint8Array | 'none', situation: Situation): FileState {
  return bytes === 'none' ? 'none' : fileFacts(bytes, situation)
}

export function fileFacts(bytes: Uint8Array, situation: Situation): FileFacts {
  const { size, md5, sha1, sha256: sum, timestamp, signer, problem } = knownTrustList(bytes)
  return {
    sha256: sum,
    size,
    md5,
    sha1,
    ...(timestamp !== undefined && { timestamp: new Date(timestamp * 1000).toISOString() }),
    ...(signer !== undefined && { signer: signerFacts(bytes, signer, situation) }),
    ...(problem !== undefined && { problem: { code: problem.code, detail: problem.detail } }),
  }
}

function signerFacts(
  bytes: Uint8Array,
  { certificate, subject }: { readonly certificate: Uint8Array; readonly subject: string },
  { nodes, tokens }: Situation,
): NonNullable<FileFacts['signer']> {
  const sum = sha256(certificate)
  const holder = readCurrentFile(bytes, serversInItls(nodes))?.sast.find(
    (sast) => sast.sha256 === sum,
  )?.holder
  const token = tokens.find((known) => known.sha256 === sum)?.serial
  return {
    subject,
    sha256: sum,
    ...(holder !== undefined && { holder }),
    ...(token !== undefined && { token }),
  }
}
