/** Reads one file from a node, as a phone would: over TFTP, HTTP or HTTPS. */
import { type FetchLimits, usualLimits } from './fetch-limits.js'
import type { NodeFile } from './node-file.js'

/**
 * The bytes of the file. Rejects with NODE_UNREACHABLE, NODE_TIMEOUT, NODE_HAS_NO_FILE, NODE_REFUSES or
 * NODE_ANSWER_WRONG, each with node and file, and with CTL_TOO_LARGE.
 */
export async function fetchNodeFile(
  source: NodeFile,
  limits: Partial<FetchLimits> = {},
): Promise<Uint8Array> {
  const all = { ...usualLimits, ...limits }
  if (source.protocol === 'tftp') {
    const { readOverTftp } = await import('./read-over-tftp.js')
    return readOverTftp(source, all)
  }
  const { readOverHttp } = await import('./read-over-http.js')
  return readOverHttp(source, all)
}
