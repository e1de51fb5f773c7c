/** Passwords and keys from where the settings say they are. Their content is in no error. */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { BridgeError } from '../../bridge-error.js'
import type { Secret } from './cluster-schema.js'

/** Longer than any key; shorter than what somebody might name by mistake. */
const MOST = 65_536

/** The first line. Rejects with SECRET_UNREADABLE. */
export async function readSecret(secret: Secret, env: NodeJS.ProcessEnv): Promise<string> {
  const [first = ''] = (await readWholeSecret(secret, env)).split(/\r?\n/, 1)
  if (first === '') throw unreadable(pathOf(secret, env), 'Its first line is empty.')
  return first
}

/** All of it, such as a private key. Rejects with SECRET_UNREADABLE. */
export async function readWholeSecret(secret: Secret, env: NodeJS.ProcessEnv): Promise<string> {
  const path = pathOf(secret, env)
  // Opening a pipe that nobody writes to would wait for ever.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error) => {
    throw unreadable(path, `It cannot be opened (${(error as NodeJS.ErrnoException).code}).`)
  })
  try {
    // systemd.exec(5) looks after those itself, and may let the daemon's group read.
    if ('file' in secret) await refuseShared(handle, path)
    return await content(handle, path)
  } finally {
    await handle.close()
  }
}

function pathOf(secret: Secret, env: NodeJS.ProcessEnv): string {
  if ('file' in secret) return secret.file
  const folder = env.CREDENTIALS_DIRECTORY
  if (folder) return join(folder, secret.credential)
  const line = `LoadCredential=${secret.credential}:/path`
  const detail = `The credential ${secret.credential} is not there: the daemon was not started by systemd with ${line} in its unit.`
  throw new BridgeError('SECRET_UNREADABLE', detail, { setting: secret.credential })
}

async function refuseShared(handle: FileHandle, path: string): Promise<void> {
  const { mode, uid } = await handle.stat()
  // The daemon's group is who may connect to its socket, so the group may not read either.
  if ((mode & 0o077) === 0) return
  const shown = (mode & 0o777).toString(8).padStart(4, '0')
  const detail = `Others than its owner may read it (mode ${shown}): chmod 600 ${path}`
  throw new BridgeError('SECRET_UNREADABLE', detail, { file: path, mode: shown, owner: uid })
}

async function content(handle: FileHandle, path: string): Promise<string> {
  const found = await handle.stat()
  if (!found.isFile()) throw unreadable(path, 'It is not a file.')
  if (found.size > MOST) throw unreadable(path, `It has more than ${MOST} bytes.`)
  return await handle.readFile('utf8').catch((error) => {
    throw unreadable(path, `It cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  })
}

const unreadable = (path: string, detail: string): BridgeError =>
  new BridgeError('SECRET_UNREADABLE', detail, { file: path })
