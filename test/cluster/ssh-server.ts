/**
 * OpenSSH's sshd on loopback, from the packages that `npm test` unpacked: with its own host key and sftp-server, and
 * one user, who is the one that runs the tests. It needs no rights, and nothing of the machine's own sshd.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cc, compiledFrom, compileOnce } from '../drivers/compile-c.js'
import { childrenOf } from '../flow/processes.js'
import { setup } from '../setup/setup-modules.js'
import { unpackedLibraries } from './unpacked-libraries.js'

export interface SshServerOptions {
  /** Run in place of what the client asks for (ForceCommand): a line for /bin/sh. */
  readonly command?: string
  /** Lets the user in by this password, too. */
  readonly password?: string
  /** What sftp-server is started through, for /bin/sh: `prlimit --fsize=0`. It ignores SIGXFSZ. */
  readonly sftpThrough?: string
  /** More lines for sshd_config: `KexAlgorithms …`. */
  readonly settings?: readonly string[]
}

export interface SshServer {
  readonly host: '127.0.0.1'
  readonly port: number
  readonly user: string
  /** File with the private key that the user logs in by. */
  readonly keyFile: string
  /** SHA256:…, as ssh-keygen prints it. */
  readonly hostKey: string
  /** Ends the connections that are open, as when the host loses its power; goes on to take new ones. */
  readonly dropConnections: () => void
  readonly stop: () => Promise<void>
}

export async function startSshServer(options: SshServerOptions = {}): Promise<SshServer> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-sshd-'))
  const end = await startIn(folder, options).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true })
    throw error
  })
  return end
}

async function startIn(folder: string, options: SshServerOptions): Promise<SshServer> {
  const packages = sshPackages()
  const keyFile = join(folder, 'user-key')
  await makeKey(keyFile)
  await makeKey(join(folder, 'host-key'))
  await copyFile(`${keyFile}.pub`, join(folder, 'authorized-keys'))
  const { child, port } = await listen(packages, folder, options)
  // A test process that crashes leaves nothing behind.
  const end = () => endTree(child)
  process.once('exit', end)
  return {
    host: '127.0.0.1',
    port,
    user: userInfo().username,
    keyFile,
    hostKey: await fingerprint(join(folder, 'host-key.pub')),
    dropConnections: () => {
      for (const session of childrenOf(child.pid ?? 0)) killTree(session)
    },
    stop: async () => {
      process.off('exit', end)
      const ended = child.exitCode === null ? once(child, 'exit') : undefined
      end()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The stock `ssh` and its kin: `await run('ssh', ['-p', …])`. */
export async function sshProgram(
  name: 'ssh' | 'sftp' | 'ssh-keygen' | 'ssh-keyscan',
): Promise<{ readonly program: string; readonly env: NodeJS.ProcessEnv }> {
  const packages = sshPackages()
  const env = { ...process.env, LD_LIBRARY_PATH: await unpackedLibraries(packages) }
  return { program: join(packages, 'usr/bin', name), env }
}

function sshPackages(): string {
  const packages = setup.unpack.unpackedSsh()
  if (packages === undefined) throw new Error('OpenSSH is not unpacked; npm test does that')
  return packages
}

export async function makeKey(file: string, type = 'ed25519'): Promise<void> {
  const { program, env } = await sshProgram('ssh-keygen')
  await promisify(execFile)(program, ['-q', '-t', type, '-N', '', '-C', 'test', '-f', file], { env })
}

/** SHA256:… of a public key's file. */
export async function fingerprint(file: string): Promise<string> {
  const { program, env } = await sshProgram('ssh-keygen')
  const { stdout } = await promisify(execFile)(program, ['-l', '-E', 'sha256', '-f', file], { env })
  return stdout.split(' ')[1] ?? ''
}

/** Another process may take the port between the question for a free one and sshd. */
async function listen(packages: string, folder: string, options: SshServerOptions) {
  for (let tries = 1; ; tries++) {
    const port = await freeTcpPort()
    const child = await start(packages, folder, port, options)
    const complaint = await listening(child, port)
    if (complaint === undefined) return { child, port }
    if (tries === 3) throw new Error(`sshd ended: ${complaint}`)
  }
}

async function start(
  packages: string,
  folder: string,
  port: number,
  options: SshServerOptions,
): Promise<ChildProcess> {
  const libraries = await unpackedLibraries(packages)
  await writeSftpScript(packages, folder, libraries, options.sftpThrough)
  await writeFile(join(folder, 'config'), configLines(packages, folder, port, options).join('\n'))
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: libraries,
    LD_PRELOAD: await anyMachine(),
    ...(options.password !== undefined && { TEST_SSHD_PASSWORD: options.password }),
  }
  // sshd starts itself again for each connection and wants its whole path.
  const args = ['-D', '-e', '-f', join(folder, 'config')]
  return spawn(join(packages, 'usr/sbin/sshd'), args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
}

/** The session of a user gets none of sshd's environment. */
async function writeSftpScript(packages: string, folder: string, libraries: string, through = '') {
  const server = `'${join(packages, 'usr/lib/openssh/sftp-server')}'`
  const lines = [
    '#!/bin/sh',
    "trap '' XFSZ",
    `export LD_LIBRARY_PATH='${libraries}'`,
    `exec ${through} ${server}`,
    '',
  ]
  await writeFile(join(folder, 'sftp'), lines.join('\n'))
  await chmod(join(folder, 'sftp'), 0o755)
  // Whoever sftp-server is run as must reach it.
  await chmod(folder, 0o755)
}

function configLines(packages: string, folder: string, port: number, options: SshServerOptions): string[] {
  const helper = (name: string) => join(packages, 'usr/lib/openssh', name)
  // OpenSSH 9.8 and 10.0 took these programs out of sshd.
  const helpers = [
    ['SshdSessionPath', helper('sshd-session')],
    ['SshdAuthPath', helper('sshd-auth')],
  ] as const
  return [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(folder, 'host-key')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized-keys')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'UseDNS no',
    'PermitRootLogin yes',
    'KbdInteractiveAuthentication no',
    `PasswordAuthentication ${options.password === undefined ? 'no' : 'yes'}`,
    'LogLevel ERROR',
    `Subsystem sftp ${join(folder, 'sftp')}`,
    ...helpers.filter(([, path]) => existsSync(path)).map(([name, path]) => `${name} "${path}"`),
    ...(options.command === undefined ? [] : [`ForceCommand ${options.command}`]),
    ...(options.settings ?? []),
    '',
  ]
}

function anyMachine(): Promise<string> {
  return compileOnce(
    compiledFrom(['cluster/any-machine-sshd.c'], 'cluster/any-machine-sshd.so'),
    (sources, output) => cc(['-fPIC', '-shared', '-o', output, ...sources, '-ldl', '-lcrypt']),
  )
}

export async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** What sshd complained of when it ended; undefined once it greets. */
async function listening(child: ChildProcess, port: number): Promise<string | undefined> {
  let complaint = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-4000)
  })
  let ended = false
  const end = once(child, 'close').then(() => {
    ended = true
  })
  while (!ended) {
    if (await Promise.race([greets(port), end.then(() => false)])) return undefined
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return complaint.trim()
}

async function greets(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    const [first] = (await once(socket, 'data')) as [Buffer]
    return first.toString('latin1').startsWith('SSH-')
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

const endTree = ({ pid, exitCode }: ChildProcess): void => {
  if (pid !== undefined && exitCode === null) killTree(pid)
}

/** By pid: other programs of this name may be running. */
function killTree(pid: number): void {
  const children = childrenOf(pid)
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended meanwhile.
  }
  for (const child of children) killTree(child)
}
