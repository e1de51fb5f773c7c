/** Debian's two TFTP servers on loopback, from the packages that `npm test` unpacked; they need no rights. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { compiledFrom, compileOnce } from '../../drivers/compile-c.js'
import { compileLibrary } from '../../drivers/forwarding-module.js'
import { setup } from '../../setup/setup-modules.js'
import { unpackedLibraries } from '../unpacked-libraries.js'

export interface TftpServer {
  readonly name: string
  readonly port: number
  /** What the server gives out. */
  readonly folder: string
  /** How a file of the folder is asked for. */
  readonly nameOf: (file: string) => string
  readonly stop: () => Promise<void>
}

export const serverNames = ['tftpd-hpa', 'atftpd'] as const
export type ServerName = (typeof serverNames)[number]

export async function startTftpServer(name: ServerName): Promise<TftpServer> {
  const packages = setup.unpack.unpackedTftpServers()
  if (packages === undefined) throw new Error('the TFTP servers are not unpacked; npm test does that')
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-tftp-'))
  // in.tftpd gives out only what everybody may read.
  await chmod(folder, 0o755)
  const port = await freePort()
  const { program, args, env } = await lineOf(name, packages, port, folder)
  const child = spawn(join(packages, program), args, { env: { ...process.env, ...env }, stdio: 'ignore' })
  // A test process that crashes leaves nothing behind.
  const end = () => child.kill()
  process.once('exit', end)
  await listening(child, port)
  return {
    name,
    port,
    folder,
    // in.tftpd without chroot, which needs root, wants whole paths.
    nameOf: (file) => (name === 'tftpd-hpa' ? join(folder, file) : file),
    stop: async () => {
      process.off('exit', end)
      const ended = child.exitCode === null ? once(child, 'exit') : undefined
      child.kill()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function lineOf(name: ServerName, packages: string, port: number, folder: string) {
  const { username } = userInfo()
  const env: Record<string, string> = { LD_LIBRARY_PATH: await unpackedLibraries(packages) }
  if (name === 'atftpd') {
    const user = ['--user', username, '--group', execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim()]
    const args = [
      '--daemon',
      '--no-fork',
      '--port',
      `${port}`,
      '--bind-address',
      '127.0.0.1',
      ...user,
      folder,
    ]
    return { program: 'usr/sbin/atftpd', args, env }
  }
  if (process.getuid?.() !== 0) env.LD_PRELOAD = await sameGroups()
  const args = ['--listen', '--foreground', '--address', `127.0.0.1:${port}`, '--user', username, folder]
  return { program: 'usr/sbin/in.tftpd', args, env }
}

function sameGroups(): Promise<string> {
  return compileOnce(
    compiledFrom(['cluster/files/same-groups.c'], 'cluster/files/same-groups.so'),
    compileLibrary,
  )
}

export async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

/** Asks for a file that is not there until the server says so. */
async function listening(child: ChildProcess, port: number): Promise<void> {
  const socket = createSocket('udp4')
  const question = Buffer.from('\0\x01no-such-file\0octet\0', 'latin1')
  const ask = () => socket.send(question, port, '127.0.0.1', () => undefined)
  const again = setInterval(ask, 50)
  try {
    ask()
    await Promise.race([
      once(socket, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error('the TFTP server ended'))),
    ])
  } finally {
    clearInterval(again)
    socket.close()
  }
}
