/**
 * The folder where keys and the audit log live: made with mode 0700, refused when others may write to it.
 * Root is no exception: its files would shut the owner's daemon out, and the owner could replace them.
 */
import { stat } from 'node:fs/promises'
import { BridgeError } from '../bridge-error.js'
import { makeFolder } from './make-folder.js'

export async function prepareStateFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder, 0o700)
  } catch (error) {
    throw new BridgeError('STATE_UNUSABLE', `The state folder cannot be made: ${(error as Error).message}.`, {
      file: folder,
    })
  }
  const { mode, uid } = await stat(folder)
  if ((mode & 0o022) !== 0) {
    throw new BridgeError('STATE_UNUSABLE', 'Others may write to the state folder.', { file: folder })
  }
  const own = process.getuid?.()
  if (own !== undefined && uid !== own) {
    throw new BridgeError('STATE_UNUSABLE', 'The state folder belongs to another user.', { file: folder })
  }
}
