/** Reads the file a person named, or standard input for `-`; never more than such a file can have. */
import { open } from 'node:fs/promises'
import { BridgeError } from '../bridge-error.js'
import { CtlError } from '../ctl/ctl-error.js'
import { MAX_CTL_BYTES } from '../ctl/ctl-file.js'

/** Rejects with FILE_UNREADABLE or CTL_TOO_LARGE; little over the limit is kept. A CTL's unless said otherwise. */
export async function readInputFile(name: string, limit = MAX_CTL_BYTES): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let size = 0
  try {
    for await (const part of await chunksOf(name)) {
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

async function chunksOf(name: string): Promise<AsyncIterable<Buffer>> {
  if (name === '-') return process.stdin
  const file = await open(name, 'r')
  return file.createReadStream()
}
