/**
 * The settings file. It names libraries, which is what code runs, and the socket that a PIN goes to: so
 * nobody may be able to write it but root and the user who reads it (as sshd's StrictModes has it).
 */
import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { userInfo } from 'node:os'
import { BridgeError } from './bridge-error.js'

/** Throws CONFIG_INVALID when it cannot be read, CONFIG_UNTRUSTED when others could have written it. */
export function readSettingsFile(path: string, user = process.getuid?.()): string {
  const descriptor = opened(path)
  try {
    // Of the open file: what is looked at is what is read.
    if (user !== undefined) refuseWritable(fstatSync(descriptor), user, path)
    return readFileSync(descriptor, 'utf8')
  } catch (error) {
    throw error instanceof BridgeError ? error : unreadable(path, error)
  } finally {
    closeSync(descriptor)
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw unreadable(path, error)
  }
}

function refuseWritable(file: Stats, user: number, path: string): void {
  // Nobody changes what comes out of /dev/null.
  if (file.isCharacterDevice()) return
  const found = { file: path, owner: file.uid, mode: (file.mode & 0o777).toString(8).padStart(4, '0') }
  if (file.uid !== 0 && file.uid !== user) {
    const who = user === 0 ? 'root' : `root or ${userInfo().username}`
    throw new BridgeError('CONFIG_UNTRUSTED', `The settings do not belong to ${who}.`, found)
  }
  if ((file.mode & 0o022) !== 0) {
    throw new BridgeError('CONFIG_UNTRUSTED', 'Others than their owner may write to the settings.', found)
  }
}

const unreadable = (path: string, error: unknown): BridgeError =>
  new BridgeError('CONFIG_INVALID', `The settings cannot be read: ${(error as Error).message}.`, {
    file: path,
  })
