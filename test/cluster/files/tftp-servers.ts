/** Debian's two TFTP servers on loopback, from the packages that `npm test` unpacked; they need no rights. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
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

const running = new Set<ChildProcess>()
// A test process that crashes leaves nothing behind.
process.once('exit', () => {
  for (const child of running) child.kill()
})

/** The names that phones ask for, as an administrator of Asterisk maps them: one file for all, whole paths for in.tftpd. */
const phoneNames = (folder: string): string =>
  ['r ^CTL(SEP|TAB)[0-9A-F]+\\.tlv$ CTLFile.tlv', `r ^[^/] ${folder}/\\0`, ''].join('\n')

/** tftpd-hpa that answers the names of phones, and others without their folder. */
export const startMappedServer = (): Promise<TftpServer> => start('tftpd-hpa', true)

export const startTftpServer = (name: ServerName): Promise<TftpServer> => start(name, false)

async function start(name: ServerName, isMapped: boolean): Promise<TftpServer> {
  const packages = setup.unpack.unpackedTftpServers()
  if (packages === undefined) throw new Error('the TFTP servers are not unpacked; npm test does that')
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-tftp-'))
  // in.tftpd gives out only what everybody may read.
  await chmod(folder, 0o755)
  const port = await freePort()
  const map = isMapped ? `${folder}.map` : undefined
  if (map !== undefined) await writeFile(map, phoneNames(folder))
  const { program, args, env } = await lineOf(name, packages, port, folder, map)
  const child = spawn(join(packages, program), args, { env: { ...process.env, ...env }, stdio: 'ignore' })
  running.add(child)
  await listening(child, port)
  return {
    name,
    port,
    folder,
    // in.tftpd without chroot, which needs root, wants whole paths.
    nameOf: (file) => (name === 'tftpd-hpa' && !isMapped ? join(folder, file) : file),
    stop: async () => {
      running.delete(child)
      const ended = child.exitCode === null ? once(child, 'exit') : undefined
      child.kill()
      await ended
      await rm(folder, { recursive: true, force: true })
      if (map !== undefined) await rm(map, { force: true })
    },
  }
}

async function lineOf(
  name: ServerName,
  packages: string,
  port: number,
  folder: string,
  map: string | undefined,
) {
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
  const mapped = map === undefined ? [] : ['--map-file', map]
  const args = [
    '--listen',
    '--foreground',
    '--address',
    `127.0.0.1:${port}`,
    '--user',
    username,
    ...mapped,
    folder,
  ]
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
