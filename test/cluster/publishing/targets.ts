/** Folders and hosts that tests publish to, and the real CTL files that they publish. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { Publisher } from '../../../daemon/cluster/ports.js'
import {
  publishToSftp,
  type SftpLimits,
  type SftpTarget,
} from '../../../daemon/cluster/publishing/publish-to-sftp.js'
import { type SshServer, type SshServerOptions, startSshServer } from '../ssh-server.js'

export async function temporaryRoot(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-publish-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Everything in the folder, hidden names too: a part that was left behind shows. */
export const namesIn = async (folder: string): Promise<string[]> => (await readdir(folder)).sort()

export interface SftpBench {
  readonly server: SshServer
  readonly publisher: Publisher
  readonly target: SftpTarget
}

export async function sftpTo(
  t: ExecutionContext,
  folder: string,
  options: SshServerOptions = {},
  changes: Partial<SftpTarget> = {},
  limits?: SftpLimits,
): Promise<SftpBench> {
  const server = await startSshServer(options)
  t.teardown(server.stop)
  const target: SftpTarget = {
    node: 'tftp1',
    host: server.host,
    port: server.port,
    user: server.user,
    privateKey: () => readFile(server.keyFile, 'utf8'),
    hostKey: server.hostKey,
    oldAlgorithms: false,
    folder,
    ...changes,
  }
  return { server, target, publisher: publishToSftp(target, limits) }
}
