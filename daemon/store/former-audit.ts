/**
 * Version 0.1.0 kept its audit log in `audit.jsonl`. That file stays as it is: it may have been
 * archived or signed as it stands. The log in the store numbers on after its last entry.
 */
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { BridgeError } from '../bridge-error.js'

/** 0 when there is no such file. Rejects with STATE_UNUSABLE when it cannot be read. */
export async function lastFormerSequence(stateFolder: string): Promise<number> {
  const path = join(stateFolder, 'audit.jsonl')
  let last = 0
  try {
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
      const [, number] = /^\{"at":"[^"]*","sequence":(\d+),/.exec(line) ?? []
      if (number !== undefined) last = Math.max(last, Number(number))
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return 0
    throw new BridgeError('STATE_UNUSABLE', `The former audit log cannot be read (${code}).`, { file: path })
  }
  return last
}
