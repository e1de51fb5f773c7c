/** An SSH server made to misbehave: it counts what is tried and writes down what is typed. */
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server as NetServer, type Socket } from 'node:net'
import ssh2, { type AuthContext, type ServerChannel, type ServerConfig } from 'ssh2'
import type { SshTarget } from '../../../daemon/cluster/ssh/connect-ssh.js'
import { fingerprintOf } from '../../../daemon/cluster/ssh/ssh-host-key.js'

export const password = 'Eight-Herrings-4711'

export interface Tried {
  /** Methods of login, `none` left out. */
  readonly methods: string[]
  readonly passwords: string[]
  /** All that was typed into shells. */
  typed: string
}

export interface Behaviour {
  readonly hostKeys?: readonly string[]
  readonly authenticate?: (context: AuthContext, tried: Tried, end: () => void) => void
  readonly shell?: (channel: ServerChannel, tried: Tried, end: () => void) => void
  readonly refusesShell?: true
  readonly algorithms?: ServerConfig['algorithms']
}

export interface MisbehavingSsh {
  readonly target: SshTarget
  readonly tried: Tried
  readonly fingerprints: readonly string[]
  readonly stop: () => Promise<void>
}

// Of the ed25519 keys that ssh2 makes, it cannot read one in 250 itself.
export const newHostKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'sec1', format: 'pem' })
    .toString()

/** Takes the one password and nothing else. */
export function takePassword(context: AuthContext, tried: Tried): void {
  if (context.method !== 'none') tried.methods.push(context.method)
  if (context.method === 'password') tried.passwords.push(context.password)
  if (context.method === 'password' && context.password === password) context.accept()
  else context.reject(['password'])
}

export async function startMisbehavingSsh(behaviour: Behaviour = {}): Promise<MisbehavingSsh> {
  const tried: Tried = { methods: [], passwords: [], typed: '' }
  const hostKeys = [...(behaviour.hostKeys ?? [newHostKey()])]
  const { authenticate = takePassword, shell, algorithms } = behaviour
  const server = new ssh2.Server({ hostKeys, ...(algorithms ? { algorithms } : {}) }, (client) => {
    client.on('error', () => undefined)
    client.on('authentication', (context) => authenticate(context, tried, () => client.end()))
    client.on('session', (accept) => {
      const session = accept()
      session.on('pty', (acceptPty) => acceptPty?.())
      session.on('shell', (acceptShell, reject) => {
        if (behaviour.refusesShell) {
          reject()
          return
        }
        const channel = acceptShell()
        channel.on('error', () => undefined)
        channel.on('data', (data: Buffer) => {
          tried.typed += data.toString()
        })
        shell?.(channel, tried, () => client.end())
      })
    })
  })
  const { port, stop } = await listen(server as unknown as NetServer)
  return {
    target: targetAt(port, fingerprintOfKey(hostKeys[0] ?? '')),
    tried,
    fingerprints: hostKeys.map(fingerprintOfKey),
    stop,
  }
}

/** A server of bare TCP: what it says is no SSH. */
export async function startBareServer(onSocket: (socket: Socket) => void): Promise<MisbehavingSsh> {
  const { port, stop } = await listen(createServer(onSocket))
  const tried: Tried = { methods: [], passwords: [], typed: '' }
  return { target: targetAt(port, `SHA256:${'A'.repeat(43)}`), tried, fingerprints: [], stop }
}

async function listen(server: NetServer) {
  const open = new Set<{ end: () => unknown }>()
  // A socket, or what ssh2 makes of one.
  server.on('connection', (connection: Socket) => {
    open.add(connection)
    connection.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const stop = async () => {
    for (const connection of open) connection.end()
    server.close()
  }
  return { port, stop }
}

export function targetAt(port: number, hostKey: string | undefined): SshTarget {
  return {
    node: 'cucm-pub',
    host: '127.0.0.1',
    port,
    user: 'administrator',
    password: async () => password,
    hostKey,
    oldAlgorithms: false,
  }
}

function fingerprintOfKey(key: string): string {
  const parsed = ssh2.utils.parseKey(key)
  if (parsed instanceof Error) throw parsed
  return fingerprintOf(parsed.getPublicSSH())
}
