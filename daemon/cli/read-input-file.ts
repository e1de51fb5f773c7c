/** Reads the file a person named, or standard input for `-`; never more than a CTL can have. */
import { open } from 'node:fs/promises'
import { BridgeError } from '../bridge-error.js'
import { CtlError } from '../ctl/ctl-error.js'
import { MAX_CTL_BYTES } from '../ctl/ctl-file.js'

/** Rejects with FILE_UNREADABLE or CTL_TOO_LARGE; at most one byte over the limit is kept. */
export async function readInputFile(name: string): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let size = 0
  try {
    for await (const part of await chunksOf(name)) {
      parts.push(part)
      size += part.length
      if (size > MAX_CTL_BYTES) break
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'There is no such file.' : `${message}.`
    throw new BridgeError('FILE_UNREADABLE', why, { file: name })
  }
  if (size > MAX_CTL_BYTES) {
    throw new CtlError('CTL_TOO_LARGE', `The file has more than ${MAX_CTL_BYTES} bytes.`, {
      offset: MAX_CTL_BYTES,
    })
  }
  return Buffer.concat(parts)
}

async function chunksOf(name: string): Promise<AsyncIterable<Buffer>> {
  if (name === '-') return process.stdin
  const file = await open(name, 'r')
  return file.createReadStream()
}
