/** The command line of a node over SSH: a shell and nothing else, no command execution and no SFTP into the node. */
import { createHash, generateKeyPair, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import ssh2, { type AuthContext, type Connection, type ServerChannel, type Session } from 'ssh2'
import type { LabCluster, LabNode } from '../model/lab-cluster.js'
import { Shell } from './shell.js'

export interface CliServer {
  /** As `ssh-keygen -lf` prints it: `SHA256:…`. */
  readonly hostKey: string
  readonly close: () => Promise<void>
}

/** Listens on the node's address, on a free port, which it writes into `node.ports`; follows the faults of the node. */
export async function startCliServer(lab: LabCluster, node: LabNode): Promise<CliServer> {
  const key = await newHostKey()
  const connections = new Set<Connection>()
  const server = new ssh2.Server({ hostKeys: [key] }, (client) => {
    connections.add(client)
    client.on('close', () => connections.delete(client))
    // A client that breaks off is none of the server's trouble.
    client.on('error', () => client.end())
    client.on('authentication', (attempt) => admit(attempt, lab, node))
    client.on('session', (accept) => serveSession(accept(), lab, node))
  })
  const open = async () => {
    server.listen(node.ports.ssh, node.address)
    await once(server, 'listening')
    node.ports.ssh = (server.address() as AddressInfo).port
  }
  const shut = async () => {
    if (!server.address()) return
    const closed = once(server, 'close')
    server.close()
    for (const connection of connections) connection.end()
    await closed
  }
  await open()
  let last: Promise<void> = Promise.resolve()
  const settle = () => {
    last = last
      .then(async () => {
        if (node.faults.down) await shut()
        else if (!server.address()) await open()
      })
      .catch((error: Error) => node.log('cli', `the port could not be opened again: ${error.message}`))
  }
  const stopWatching = node.watch((what) => {
    if (what === 'faults') settle()
  })
  return {
    hostKey: fingerprint(key),
    close: async () => {
      stopWatching()
      await last
      await shut()
    },
  }
}

async function newHostKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
  return privateKey
}

function fingerprint(privateKey: string): string {
  const parsed = ssh2.utils.parseKey(privateKey)
  if (parsed instanceof Error) throw parsed
  const hash = createHash('sha256').update(parsed.getPublicSSH()).digest('base64')
  return `SHA256:${hash.replace(/=+$/, '')}`
}

function admit(attempt: AuthContext, { credentials }: LabCluster, node: LabNode): void {
  const decide = (password: string) => {
    const isRight = attempt.username === credentials.user && sameText(password, credentials.password)
    node.log('cli', `login of ${JSON.stringify(attempt.username)}: ${isRight ? 'accepted' : 'refused'}`)
    if (isRight) attempt.accept()
    else attempt.reject(['password', 'keyboard-interactive'])
  }
  if (attempt.method === 'password') decide(attempt.password)
  else if (attempt.method === 'keyboard-interactive') {
    const question = { prompt: `${attempt.username}'s password: `, echo: false }
    attempt.prompt([question], (answers) => decide(answers[0] ?? ''))
  } else attempt.reject(['password', 'keyboard-interactive'])
}

function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

function serveSession(session: Session, lab: LabCluster, node: LabNode): void {
  let rows = 0
  session.on('pty', (accept, _reject, size) => {
    rows = size.rows
    accept?.()
  })
  session.on('window-change', (accept, _reject, size) => {
    rows = size.rows
    accept?.()
  })
  for (const refused of ['exec', 'sftp', 'subsystem'] as const) {
    session.on(refused as 'exec', (_accept, reject) => reject?.())
  }
  session.on('shell', (accept) => serveShell(accept(), lab, node, () => rows))
}

function serveShell(channel: ServerChannel, lab: LabCluster, node: LabNode, rows: () => number): void {
  const write = (text: string) => {
    if (channel.writable) channel.write(text)
  }
  const shell = new Shell(lab, node, { write: slowly(write, () => node.faults.delay), rows })
  channel.setEncoding('utf8')
  channel.on('data', (text: string) => shell.keyboard.type(text))
  channel.on('close', () => shell.keyboard.hangUp())
  channel.on('end', () => shell.keyboard.hangUp())
  channel.on('error', () => shell.keyboard.hangUp())
  shell
    .run()
    .catch((error: Error) => node.log('cli', `the shell ended: ${error.message}`))
    .finally(() => {
      channel.exit(0)
      channel.end()
    })
}

/** In its order, each piece after the delay. */
function slowly(write: (text: string) => void, delay: () => number): (text: string) => void {
  return (text) => {
    const wait = delay()
    if (wait > 0) setTimeout(() => write(text), wait)
    else write(text)
  }
}
