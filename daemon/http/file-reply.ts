import { createHash } from 'node:crypto'
import type { Reply } from './route.js'

/** A file as the answer. `name` is ASCII; what a header cannot hold is replaced. */
export function fileReply(bytes: Uint8Array, name: string): Reply {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const safe = name.replace(/[^\w.+-]/g, '_')
  return {
    bytes,
    type: 'application/octet-stream',
    headers: { ETag: `"${sha256}"`, 'Content-Disposition': `attachment; filename="${safe}"` },
  }
}

export const ctlReply = (bytes: Uint8Array): Reply => fileReply(bytes, 'CTLFile.tlv')
