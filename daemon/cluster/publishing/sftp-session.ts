/** SFTP (draft-ietf-secsh-filexfer-02, as OpenSSH speaks it) with promises, and with an end. */
import type { Client, SFTPWrapper } from 'ssh2'
import { sshError } from '../ssh/ssh-error.js'

export interface RemoteFile {
  readonly isFile: boolean
  readonly size: number
  /** Permissions. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** The status of an SFTP answer, section 7 of the draft; undefined: the connection ended before one came. */
export class SftpFailure extends Error {
  readonly status: number | undefined

  constructor(status: number | undefined) {
    super(`SFTP status ${status ?? 'none'}`)
    this.status = status
  }
}

export const sftpStatus = { eof: 1, noSuchFile: 2, permissionDenied: 3, failure: 4, unsupported: 8 } as const

type Answer<T> = (error: Error | null | undefined, value?: T) => void

export class SftpSession {
  readonly #sftp: SFTPWrapper
  readonly #ended: Promise<never>
  #isLost = false

  private constructor(client: Client, sftp: SFTPWrapper) {
    this.#sftp = sftp
    sftp.on('error', () => client.destroy())
    this.#ended = new Promise((_, reject) => {
      const end = () => {
        this.#isLost = true
        reject(new SftpFailure(undefined))
      }
      client.once('close', end)
      sftp.once('close', end)
    })
    this.#ended.catch(() => undefined)
  }

  /** The caller ends `client`; that ends all that is under way. Rejects with NODE_ANSWER_WRONG. */
  static async open(client: Client, target: { readonly node: string }): Promise<SftpSession> {
    try {
      const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
        client.once('close', () => reject(new Error('the connection ended')))
        client.sftp((error, opened) => (error ? reject(error) : resolve(opened)))
      })
      return new SftpSession(client, sftp)
    } catch (error) {
      const detail = `The node lets the user in and gives no SFTP: ${(error as Error).message}.`
      throw sshError('NODE_ANSWER_WRONG', target, detail)
    }
  }

  /** Whether an answer that has not come will not come. */
  get isLost(): boolean {
    return this.#isLost
  }

  /** Links are followed; undefined: nothing there. */
  async stat(path: string): Promise<RemoteFile | undefined> {
    try {
      const found = await this.#ask<import('ssh2').Stats>((done) => this.#sftp.stat(path, done))
      const { size, mode, uid, gid } = found
      return { isFile: found.isFile(), size, mode: mode & 0o777, uid, gid }
    } catch (error) {
      if (error instanceof SftpFailure && error.status === sftpStatus.noSuchFile) return undefined
      throw error
    }
  }

  realPath(path: string): Promise<string> {
    return this.#ask<string>((done) => this.#sftp.realpath(path, done))
  }

  /** At most one byte more than `limit`. */
  async read(path: string, limit: number): Promise<Uint8Array> {
    const handle = await this.#ask<Buffer>((done) => this.#sftp.open(path, 'r', done))
    const parts: Buffer[] = []
    for (let size = 0; size <= limit; ) {
      const part = Buffer.alloc(Math.min(32_768, limit + 1 - size))
      const count = await this.#readPart(handle, part, size)
      if (count === 0) break
      parts.push(part.subarray(0, count))
      size += count
    }
    await this.#ask<void>((done) => this.#sftp.close(handle, done))
    return Uint8Array.from(Buffer.concat(parts))
  }

  async #readPart(handle: Buffer, part: Buffer, position: number): Promise<number> {
    try {
      return await this.#ask<number>((done) => this.#sftp.read(handle, part, 0, part.length, position, done))
    } catch (error) {
      if (error instanceof SftpFailure && error.status === sftpStatus.eof) return 0
      throw error
    }
  }

  /** Makes a file that was not there, on disk where the host can say so, and dresses it before it is closed. */
  async writeNew(
    path: string,
    bytes: Uint8Array,
    dress: (handle: Buffer, made: RemoteFile) => Promise<void>,
  ): Promise<void> {
    const handle = await this.#ask<Buffer>((done) => this.#sftp.open(path, 'wx', 0o600, done))
    const content = Buffer.from(bytes)
    await this.#ask<void>((done) => this.#sftp.write(handle, content, 0, content.length, 0, done))
    const { mode, uid, gid, size } = await this.#ask<import('ssh2').Stats>((done) =>
      this.#sftp.fstat(handle, done),
    )
    await dress(handle, { isFile: true, size, mode, uid, gid })
    await this.#whereOffered((done) => this.#sftp.ext_openssh_fsync(handle, done))
    await this.#ask<void>((done) => this.#sftp.close(handle, done))
  }

  setAttributes(handle: Buffer, attributes: { mode?: number; uid?: number; gid?: number }): Promise<void> {
    return this.#ask<void>((done) => this.#sftp.fsetstat(handle, attributes, done))
  }

  /** posix-rename@openssh.com: in one step, also where `to` is there. Resolves with false where it is not offered. */
  replace(from: string, to: string): Promise<boolean> {
    return this.#whereOffered((done) => this.#sftp.ext_openssh_rename(from, to, done))
  }

  /** Fails where `to` is there. */
  rename(from: string, to: string): Promise<void> {
    return this.#ask<void>((done) => this.#sftp.rename(from, to, done))
  }

  remove(path: string): Promise<void> {
    return this.#ask<void>((done) => this.#sftp.unlink(path, done))
  }

  /** Bytes that may still be written in a folder; undefined where the host does not say. */
  async room(folder: string): Promise<number | undefined> {
    let room: number | undefined
    const isSaid = await this.#whereOffered((done) =>
      this.#sftp.ext_openssh_statvfs(folder, (error, { f_frsize = 0, f_bavail = 0 } = {}) => {
        room = f_frsize * f_bavail
        done(error)
      }),
    ).catch(() => false)
    return isSaid ? room : undefined
  }

  /** ssh2 throws at once where the host did not offer the extension. */
  async #whereOffered(call: (done: Answer<unknown>) => void): Promise<boolean> {
    try {
      await this.#ask(call)
      return true
    } catch (error) {
      if (error instanceof SftpFailure && error.status !== sftpStatus.unsupported) throw error
      return false
    }
  }

  #ask<T>(call: (done: Answer<T>) => void): Promise<T> {
    const answer = new Promise<T>((resolve, reject) => {
      call((error, value) => (error ? reject(failureOf(error)) : resolve(value as T)))
    })
    return Promise.race([answer, this.#ended])
  }
}

function failureOf(error: Error & { code?: unknown }): SftpFailure {
  return new SftpFailure(typeof error.code === 'number' ? error.code : undefined)
}
