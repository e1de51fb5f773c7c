/** A TFTP root that is a folder here: local or mounted. */
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BridgeError } from '../../bridge-error.js'
import { replaceFile } from '../../store/sync-file.js'
import { tooLarge, usualLimits } from '../files/fetch-limits.js'
import type { Publisher } from '../ports.js'
import { isSame, type PublishPlace, publishError, refuseOvertaken } from './publish-error.js'

export interface DirectoryTarget {
  /** Name in the settings. */
  readonly node: string
  readonly folder: string
}

interface FoundFile {
  readonly bytes: Uint8Array
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

export function publishToDirectory({ node, folder }: DirectoryTarget): Publisher {
  const place = (file: string): PublishPlace => ({ node, path: join(folder, file) })
  return {
    read: async (file) => (await read(place(file)))?.bytes,
    write: async (file, bytes, { before, evenIfSame = false }) => {
      const target = await followLink(place(file))
      const found = await read(target)
      // Several nodes may have one folder.
      if (isSame(found?.bytes, bytes) && !evenIfSame) return
      refuseOvertaken(target, found?.bytes, { before, bytes })
      await named(target, () =>
        replaceFile(target.path, bytes, found?.mode ?? 0o644, {
          dress: (temporary) => dress(temporary, found, target),
          beforeRename: async () => refuseOvertaken(target, (await read(target))?.bytes, { before, bytes }),
        }),
      )
    },
  }
}

async function read(place: PublishPlace): Promise<FoundFile | undefined> {
  return await named(place, async () => {
    const found = await stat(place.path).catch(ignoreMissing)
    // That the folder is not there is told as such: it may not be mounted.
    if (found === undefined) return void (await stat(dirname(place.path)))
    // Reading a pipe would not end.
    if (!found.isFile()) throw publishError('PUBLISH_FAILED', place, 'What lies there is not a file.')
    if (found.size > usualLimits.bytes) throw tooLarge(usualLimits.bytes)
    const handle = await open(place.path, 'r')
    try {
      const { mode, uid, gid } = await handle.stat()
      return { bytes: Uint8Array.from(await handle.readFile()), mode: mode & 0o777, uid, gid }
    } finally {
      await handle.close()
    }
  })
}

/** A link stays, and what it points to is replaced. */
async function followLink(place: PublishPlace): Promise<PublishPlace> {
  const path = await named(place, () => realpath(place.path).catch(ignoreMissing))
  return path === undefined ? place : { ...place, path }
}

/** The new file is as readable as the old one was. TFTP servers run as users of their own. */
async function dress(
  temporary: FileHandle,
  found: FoundFile | undefined,
  place: PublishPlace,
): Promise<void> {
  const mode = found?.mode ?? 0o644
  if (found !== undefined) await keepOwner(temporary, found, place)
  // Whatever umask the daemon has; and a change of owner takes bits away.
  await temporary.chmod(mode)
}

async function keepOwner(temporary: FileHandle, found: FoundFile, place: PublishPlace): Promise<void> {
  const own = await temporary.stat()
  if (own.uid === found.uid && own.gid === found.gid) return
  const taken = [
    () => temporary.chown(found.uid, found.gid),
    // Without root the owner cannot be kept, but a group of one's own can.
    () => temporary.chown(own.uid, found.gid),
  ]
  for (const take of taken) {
    try {
      return await take()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
    }
  }
  if ((found.mode & 0o004) !== 0) return
  const detail = `Owner and group (${found.uid}:${found.gid}) of the file there cannot be kept, and others may not read it: the TFTP server could not either.`
  throw publishError('PUBLISH_FAILED', place, detail)
}

async function named<T>(place: PublishPlace, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof BridgeError || !(error instanceof Error && 'syscall' in error)) throw error
    throw publishError('PUBLISH_FAILED', place, reason(error as NodeJS.ErrnoException))
  }
}

function reason({ code = '', message }: NodeJS.ErrnoException): string {
  const words: Readonly<Record<string, string>> = {
    ENOSPC: 'The disk is full.',
    EDQUOT: 'The quota on this disk is used up.',
    EFBIG: 'The file may not get this long (disk or limit full).',
    EROFS: 'The disk is mounted read-only.',
    EACCES: 'The daemon’s user may not do that. Give it the right to write in the folder.',
    EPERM: 'The daemon’s user may not do that. Give it the right to write in the folder.',
    ENOENT: 'The folder is not there. Is it mounted?',
    ENOTDIR: 'Part of the path is no folder.',
    ELOOP: 'The links there point to each other.',
    EIO: 'The disk does not work.',
    ESTALE: 'The mount has gone.',
    ENOTCONN: 'The mount has gone.',
  }
  return words[code] ?? `${code || message}.`
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
