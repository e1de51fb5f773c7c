/** Writes a file a person named: whole or not at all. */
import { access, chmod, constants, mkdtemp } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { BridgeError } from '../bridge-error.js'
import { replaceFile, tryReplaceFile } from '../store/sync-file.js'

/** To be asked before a PIN is: rejects with FILE_NOT_WRITTEN. */
export async function refuseUnwritable(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK)
  } catch (error) {
    throw notWritten(path, error)
  }
}

/** Whether `writeOutputFile` could write so many bytes, also over what is there: rejects with FILE_NOT_WRITTEN. */
export async function tryOutputFile(path: string, size: number): Promise<void> {
  try {
    await tryReplaceFile(path, size)
  } catch (error) {
    throw notWritten(path, error)
  }
}

export async function writeOutputFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await replaceFile(path, bytes, 0o644)
  } catch (error) {
    throw notWritten(path, error)
  }
}

/** Into a new folder of the current one, whose name begins so. Resolves with the path of the file. */
export async function writeInFreshFolder(prefix: string, file: string, bytes: Uint8Array): Promise<string> {
  const wanted = resolve(prefix)
  let folder: string
  try {
    folder = await mkdtemp(wanted)
    // The browser that uploads from it may run as another user than this command.
    await chmod(folder, 0o755)
  } catch (error) {
    throw notWritten(wanted, error)
  }
  const path = join(folder, file)
  await writeOutputFile(path, bytes)
  return path
}

const notWritten = (path: string, error: unknown): BridgeError =>
  new BridgeError('FILE_NOT_WRITTEN', `${(error as Error).message}.`, { file: path })
