/** A TFTP root on a host with SFTP. */
import { randomBytes } from 'node:crypto'
import { posix } from 'node:path'
import type { BridgeError } from '../../bridge-error.js'
import { tooLarge, usualLimits } from '../files/fetch-limits.js'
import type { Publisher } from '../ports.js'
import { connectSsh, type SshTarget } from '../ssh/connect-ssh.js'
import { sshError } from '../ssh/ssh-error.js'
import { isSame, type PublishPlace, publishError, refuseOvertaken } from './publish-error.js'
import { type RemoteFile, SftpFailure, SftpSession, sftpStatus } from './sftp-session.js'

export interface SftpTarget extends SshTarget {
  readonly folder: string
}

export interface SftpLimits {
  /** Milliseconds for a login. */
  readonly login: number
  /** Milliseconds for all that is done with a file then. */
  readonly deadline: number
}

const usualSftpLimits: SftpLimits = { login: 20_000, deadline: 60_000 }

interface FoundFile extends RemoteFile {
  readonly bytes: Uint8Array
}

export function publishToSftp(target: SftpTarget, limits: SftpLimits = usualSftpLimits): Publisher {
  const place = (file: string): PublishPlace => ({ node: target.node, path: posix.join(target.folder, file) })
  return {
    read: (file) =>
      withSession(target, limits, async (session) => {
        const at = place(file)
        return (await named(session, at, target, () => find(session, at)))?.bytes
      }),
    write: (file, bytes, expected) =>
      withSession(target, limits, (session) =>
        new SftpWrite(target, limits, session, place(file), bytes).run(expected),
      ),
  }
}

async function withSession<T>(
  target: SftpTarget,
  { login, deadline }: SftpLimits,
  work: (session: SftpSession) => Promise<T>,
): Promise<T> {
  const client = await connectSsh(target, login)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    client.destroy()
  }, deadline)
  try {
    return await work(await SftpSession.open(client, target))
  } catch (error) {
    if (!isLate || (error as BridgeError).code === 'NODE_OUTCOME_UNKNOWN') throw error
    throw sshError('NODE_TIMEOUT', target, `The host did not finish within ${deadline / 1000} s.`)
  } finally {
    clearTimeout(timer)
    client.end()
  }
}

async function find(session: SftpSession, place: PublishPlace): Promise<FoundFile | undefined> {
  const found = await session.stat(place.path)
  if (found === undefined) {
    if ((await session.stat(posix.dirname(place.path))) === undefined)
      throw new SftpFailure(sftpStatus.noSuchFile)
    return undefined
  }
  if (!found.isFile) throw publishError('PUBLISH_FAILED', place, 'What lies there is not a file.')
  const bytes = await session.read(place.path, usualLimits.bytes)
  if (bytes.length > usualLimits.bytes) throw tooLarge(usualLimits.bytes)
  return { ...found, bytes }
}

/** One file put in place: a part beside it first, then a rename; after a failure the part is taken away again. */
class SftpWrite {
  readonly #target: SftpTarget
  readonly #limits: SftpLimits
  readonly #session: SftpSession
  readonly #bytes: Uint8Array
  #place: PublishPlace
  #part = ''
  /** Whether the rename was sent. */
  #isRenaming = false

  constructor(
    target: SftpTarget,
    limits: SftpLimits,
    session: SftpSession,
    place: PublishPlace,
    bytes: Uint8Array,
  ) {
    this.#target = target
    this.#limits = limits
    this.#session = session
    this.#place = place
    this.#bytes = bytes
  }

  async run({ before, evenIfSame = false }: Parameters<Publisher['write']>[2]): Promise<void> {
    const session = this.#session
    await named(session, this.#place, this.#target, async () => {
      // A link stays, and what it points to is replaced.
      this.#place = { ...this.#place, path: await session.realPath(this.#place.path) }
      const found = await find(session, this.#place)
      // Several nodes may have one folder.
      if (isSame(found?.bytes, this.#bytes) && !evenIfSame) return
      refuseOvertaken(this.#place, found?.bytes, { before, bytes: this.#bytes })
      this.#part = posix.join(
        posix.dirname(this.#place.path),
        `.ctl-bridge-${randomBytes(6).toString('hex')}`,
      )
      try {
        await session.writeNew(this.#part, this.#bytes, (handle, made) => this.#dress(handle, made, found))
        const now = await find(session, this.#place)
        refuseOvertaken(this.#place, now?.bytes, { before, bytes: this.#bytes })
        await this.#rename(found)
      } catch (error) {
        if (await this.#undo(error)) return
        throw error
      }
    })
  }

  async #rename(found: FoundFile | undefined): Promise<void> {
    this.#isRenaming = true
    if (await this.#session.replace(this.#part, this.#place.path)) return
    if (found === undefined) return await this.#session.rename(this.#part, this.#place.path)
    this.#isRenaming = false
    const detail =
      'The host cannot put a file in the place of another in one step (no posix-rename@openssh.com), and nothing is deleted first. Publish by another way, or rename the file there by hand.'
    throw publishError('PUBLISH_FAILED', this.#place, detail)
  }

  /** The new file is as readable as the old one was: TFTP servers run as users of their own. */
  async #dress(handle: Buffer, made: RemoteFile, found: FoundFile | undefined): Promise<void> {
    if (found !== undefined && (found.uid !== made.uid || found.gid !== made.gid)) {
      await this.#keepOwner(handle, made, found)
    }
    await this.#session.setAttributes(handle, { mode: found?.mode ?? 0o644 })
  }

  async #keepOwner(handle: Buffer, made: RemoteFile, { uid, gid, mode }: FoundFile): Promise<void> {
    // Without root the owner cannot be kept, but a group of one's own can.
    for (const owner of [
      { uid, gid },
      { uid: made.uid, gid },
    ]) {
      try {
        return await this.#session.setAttributes(handle, owner)
      } catch (error) {
        if (this.#session.isLost) throw error
      }
    }
    if ((mode & 0o004) !== 0) return
    const detail = `Owner and group (${uid}:${gid}) of the file there cannot be kept, and others may not read it: the TFTP server could not either.`
    throw publishError('PUBLISH_FAILED', this.#place, detail)
  }

  /**
   * Takes the part away, over a new connection where this one is lost. Resolves with whether the part had taken the
   * file's place before the connection ended. Rejects with NODE_OUTCOME_UNKNOWN when that cannot be looked at.
   */
  async #undo(error: unknown): Promise<boolean> {
    if (!(error instanceof SftpFailure && error.status === undefined)) {
      await this.#session.remove(this.#part).catch(() => undefined)
      return false
    }
    const limits = { login: this.#limits.login, deadline: this.#limits.login }
    try {
      return await withSession(this.#target, limits, async (again) => {
        const isThere = (await again.stat(this.#part)) !== undefined
        if (isThere) await again.remove(this.#part)
        return !isThere && this.#isRenaming
      })
    } catch {
      if (!this.#isRenaming) return false
      const detail = 'The connection ended while the file was put in place, and the host cannot be asked now.'
      throw publishError('NODE_OUTCOME_UNKNOWN', this.#place, detail)
    }
  }
}

async function named<T>(
  session: SftpSession,
  place: PublishPlace,
  { user }: SftpTarget,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof SftpFailure)) throw error
    throw publishError('PUBLISH_FAILED', place, await reason(error, session, place, user))
  }
}

async function reason({ status }: SftpFailure, session: SftpSession, { path }: PublishPlace, user: string) {
  switch (status) {
    case undefined:
      return 'The connection ended in the middle.'
    case sftpStatus.noSuchFile:
      return 'The folder is not there.'
    case sftpStatus.permissionDenied:
      return `The user ${user} may not do that. Give it the right to write in the folder.`
    case sftpStatus.failure: {
      const room = await session.room(posix.dirname(path))
      if (room !== undefined && room < usualLimits.bytes) return 'The disk of the host is full.'
      return 'The host says no more than that it failed: a quota, a limit or the disk.'
    }
    default:
      return `The host answered with SFTP status ${status}.`
  }
}
