/** Files that must be there after a power cut: written, synced, renamed, folder synced. */
import { randomBytes } from 'node:crypto'
import { access, constants, type FileHandle, lstat, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface Replacement {
  /** Owner and mode of the new file, before it has the name. */
  readonly dress?: (file: FileHandle) => Promise<void>
  /** Last of all before the file takes its place; what it throws leaves everything as it was. */
  readonly beforeRename?: () => Promise<void>
}

/**
 * Replaces `path` by `bytes` atomically, or leaves it as it was and throws the system's error.
 * A reader sees the old file or the new one, never a part.
 */
export async function replaceFile(
  path: string,
  bytes: Uint8Array,
  mode: number,
  { dress, beforeRename }: Replacement = {},
): Promise<void> {
  const use = async (temporary: string, folder: FileHandle) => {
    await beforeRename?.()
    await rename(temporary, path)
    await syncFolder(folder)
  }
  await withTemporary({ path, bytes, mode, dress }, use)
}

/**
 * Throws what `replaceFile` would: writes `size` bytes beside `path` and removes them again. Throws as
 * well when `path` is there and is no regular file (a rename would take the place of a device or link),
 * or may not be written.
 */
export async function tryReplaceFile(path: string, size: number): Promise<void> {
  const found = await lstat(path).catch(ignoreMissing)
  if (found !== undefined) {
    if (!found.isFile()) throw new Error('what is there is not a regular file')
    await access(path, constants.W_OK)
    await refuseForeignInSticky(path, found.uid)
  }
  await withTemporary({ path, bytes: new Uint8Array(size), mode: 0o600 }, (temporary) => rm(temporary))
}

interface Temporary {
  readonly path: string
  readonly bytes: Uint8Array
  readonly mode: number
  readonly dress?: Replacement['dress'] | undefined
}

async function withTemporary(
  { path, bytes, mode, dress }: Temporary,
  use: (temporary: string, folder: FileHandle) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(path), `.ctl-bridge-${randomBytes(6).toString('hex')}`)
  // Opened first: once the file is renamed nothing may fail any more that could have been known.
  const folder = await open(dirname(path), 'r')
  try {
    const file = await open(temporary, 'wx', mode)
    try {
      await file.writeFile(bytes)
      await dress?.(file)
      await file.sync()
    } finally {
      await file.close()
    }
    await use(temporary, folder)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  } finally {
    await folder.close()
  }
}

/** After this the names in the folder survive a power cut. */
export async function syncNames(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await syncFolder(handle)
  } finally {
    await handle.close()
  }
}

/** Some file systems cannot sync a folder; the file is in its place all the same. */
async function syncFolder(folder: FileHandle): Promise<void> {
  try {
    await folder.sync()
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!['EINVAL', 'ENOTSUP', 'ENOSYS'].includes(code)) throw error
  }
}

/** In a folder like /tmp only the owner of a file or of the folder may replace it (inode(7)). */
async function refuseForeignInSticky(path: string, owner: number): Promise<void> {
  const folder = await stat(dirname(path))
  const own = process.getuid?.() ?? 0
  if ((folder.mode & 0o1000) !== 0 && ![0, owner, folder.uid].includes(own)) {
    throw new Error('the file belongs to another user')
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
