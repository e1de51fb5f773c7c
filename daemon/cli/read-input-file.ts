/** Reads what a person named: a file, a file on a node by its URL, or standard input for `-`. */
import { closeSync, openSync, readSync } from 'node:fs'
import { BridgeError } from '../bridge-error.js'
import { CtlError } from '../ctl/ctl-error.js'
import { MAX_CTL_BYTES } from '../ctl/ctl-file.js'

/**
 * Rejects with FILE_UNREADABLE, NODE_… or CTL_TOO_LARGE; never more is kept than the limit and one part.
 * `limit` in bytes, a CTL's unless said otherwise. A file whose name begins like a URL is read as `./tftp://…`.
 */
export async function readInputFile(name: string, limit = MAX_CTL_BYTES): Promise<Uint8Array> {
  if (/^(?:tftp|https?):\/\//i.test(name)) return readFromNode(name, limit)
  const parts: Buffer[] = []
  let size = 0
  try {
    for await (const part of chunksOf(name)) {
      parts.push(part)
      size += part.length
      if (size > limit) break
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'There is no such file.' : `${message}.`
    throw new BridgeError('FILE_UNREADABLE', why, { file: name })
  }
  if (size > limit) {
    throw new CtlError('CTL_TOO_LARGE', `The file has more than ${limit} bytes.`, { offset: limit })
  }
  return Buffer.concat(parts)
}

/** The network is loaded only when a URL is given. */
async function readFromNode(url: string, limit: number): Promise<Uint8Array> {
  const { parseNodeUrl } = await import('../cluster/files/node-file.js')
  const { fetchNodeFile } = await import('../cluster/files/fetch-node-file.js')
  return fetchNodeFile(parseNodeUrl(url), { bytes: limit })
}

function chunksOf(name: string): AsyncIterable<Buffer> | Iterable<Buffer> {
  return name === '-' ? process.stdin : readChunks(name)
}

/** At once and not by promises, whose machinery takes longer to load than a CTL to read. */
function* readChunks(name: string): Iterable<Buffer> {
  const file = openSync(name, 'r')
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(65_536)
      const size = readSync(file, chunk)
      if (size === 0) return
      yield chunk.subarray(0, size)
    }
  } finally {
    closeSync(file)
  }
}
