import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RemoteOptions {
  /** p11-kit's remote program: PKCS#11 over its standard input and output. */
  readonly program: string
  /** The PKCS#11 library it loads. */
  readonly library: string
  readonly environment: Readonly<Record<string, string>>
}

/**
 * p11-kit's remote process for one host. Node's own OpenSSL takes the place of the system's for
 * libraries loaded into Node; in the remote process a library finds the one it was built for.
 *
 * `p11-kit server` would do the listening, too, but its processes would outlive a killed daemon and a
 * hanging call. Here each connection has a process whose pipes end with the daemon, and which is killed
 * with its host.
 */
export interface RemoteProcess {
  /** For P11_KIT_SERVER_ADDRESS. */
  readonly address: string
  /** Called once when a process ended before its host let go, at once when that has happened already. */
  onDeath(listener: (how: string) => void): void
  /** Kills what runs. May be called again. */
  close(): Promise<void>
}

/** RUNTIME_DIRECTORY is systemd's, XDG_RUNTIME_DIR a person's: others may not look into either. */
function socketPlace(): string {
  const [systemd] = (process.env.RUNTIME_DIRECTORY ?? '').split(':')
  return systemd || process.env.XDG_RUNTIME_DIR || tmpdir()
}

export async function openRemoteProcess(options: RemoteOptions): Promise<RemoteProcess> {
  const folder = await mkdtemp(join(socketPlace(), 'ctl-bridge-p11-')).catch(() =>
    mkdtemp(join(tmpdir(), 'ctl-bridge-p11-')),
  )
  const path = join(folder, 'socket')
  const remote = new Remote(options, folder, `unix:path=${encodeURI(path)}`)
  await remote.listen(path)
  return remote
}

class Remote implements RemoteProcess {
  readonly address: string
  readonly #options: RemoteOptions
  readonly #folder: string
  readonly #server: Server
  readonly #children = new Set<ChildProcess>()
  readonly #listeners: ((how: string) => void)[] = []
  #death: string | undefined

  constructor(options: RemoteOptions, folder: string, address: string) {
    this.#options = options
    this.#folder = folder
    this.address = address
    this.#server = createServer((socket) => this.#serve(socket))
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(path, resolve)
    })
  }

  onDeath(listener: (how: string) => void): void {
    if (this.#death === undefined) this.#listeners.push(listener)
    else listener(this.#death)
  }

  async close(): Promise<void> {
    this.#listeners.length = 0
    for (const child of this.#children) child.kill('SIGKILL')
    this.#server.close()
    await rm(this.#folder, { recursive: true, force: true })
  }

  #serve(socket: Socket): void {
    const { program, library, environment } = this.#options
    const child = spawn(program, [library], {
      env: { ...process.env, ...environment },
      // A library in debug mode may print what it is given, the PIN included.
      stdio: ['pipe', 'pipe', 'ignore'],
      // Ctrl-C in a terminal reaches the whole group; the daemon ends its processes itself.
      detached: true,
    })
    this.#children.add(child)
    leaveNoMemoryInCoreDumps(child.pid)
    const end = (how: string) => {
      this.#children.delete(child)
      if (socket.destroyed) return
      this.#die(how)
      socket.destroy()
    }
    child.once('exit', (code, signal) => end(`lost p11-kit's remote process (${signal ?? `code ${code}`})`))
    child.once('error', ({ message }) => end(`has no remote process of p11-kit: ${message}`))
    socket.once('close', () => child.kill('SIGKILL'))
    // Whoever goes first breaks the other's pipe; both ends are looked after above.
    for (const stream of [socket, child.stdin, child.stdout]) stream.on('error', () => undefined)
    socket.pipe(child.stdin)
    // The end of the process comes first: a host that saw the pipe's end alone would blame the token.
    child.stdout.pipe(socket, { end: false })
  }

  #die(how: string): void {
    this.#death ??= how
    for (const listener of this.#listeners.splice(0)) listener(how)
  }
}

function leaveNoMemoryInCoreDumps(pid: number | undefined): void {
  try {
    writeFileSync(`/proc/${pid}/coredump_filter`, '0')
  } catch {
    // It has ended, or /proc is closed: RLIMIT_CORE is what is left.
  }
}
