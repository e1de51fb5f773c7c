/**
 * `file get tftp`: the only way a file leaves a node by its command line, out to an SFTP server. The order of the
 * questions follows transcripts of `file get`; their exact words are inferred, and where on the server the file comes
 * to lie is the lab's own.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import ssh2, { type Client, type ConnectConfig, type SFTPWrapper } from 'ssh2'
import type { LabNode } from '../model/lab-cluster.js'
import { matching } from './file-commands.js'
import type { Conversation } from './shell.js'

const PATIENCE = 20_000

/** Keys of SFTP servers that a person accepted on a node: asked once, as ssh does. */
const accepted = new WeakMap<LabNode, Set<string>>()

export async function pushTftpFile(conversation: Conversation, pattern: string): Promise<undefined> {
  const { node, ask, askSecret, say } = conversation
  const files = matching(node, pattern)
  if (files.length === 0) throw new Error('No files were found to transfer.')
  const contents = await Promise.all(files.map((file) => readFile(join(node.tftpFolder, file))))
  const size = contents.reduce((sum, { length }) => sum + length, 0)
  say('Please wait while the system is gathering files info ...done.\n')
  say(`Number of files affected: ${files.length}\nTotal size in Bytes: ${size}\n`)
  const proceed = await ask('Would you like to proceed [y/n]? ')
  if (proceed.trim().toLowerCase() !== 'y') return
  const host = (await ask('SFTP server IP: ')).trim()
  const port = (await ask('SFTP server port [22]: ')).trim() || '22'
  const username = (await ask('User ID: ')).trim()
  const password = await askSecret('Password: ')
  const folder = (await ask('Download directory: ')).trim() || '.'
  if (!/^\d{1,5}$/.test(port) || host === '') throw new Error('Host or port cannot be read.')
  const client = await connect(
    { host, port: Number(port), username, password, readyTimeout: PATIENCE },
    conversation,
  )
  try {
    const sftp = await openSftp(client)
    for (const [index, file] of files.entries()) {
      await put(sftp, posix.join(folder, file), contents[index] ?? Buffer.alloc(0))
      say('.')
    }
    say('\nTransfer completed.\n')
  } finally {
    client.end()
  }
}

function connect(config: ConnectConfig, conversation: Conversation): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    client.once('ready', () => resolve(client))
    client.once('error', (error) => reject(new Error(`The SFTP server cannot be used: ${error.message}`)))
    client.connect({
      ...config,
      hostVerifier: (key: Buffer, verdict: (isGood: boolean) => void) => {
        isAccepted(`${config.host}:${config.port}`, key, conversation).then(verdict, () => verdict(false))
      },
    })
  })
}

async function isAccepted(server: string, key: Buffer, { node, ask, say }: Conversation): Promise<boolean> {
  const print = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
  const known = accepted.get(node) ?? new Set()
  if (known.has(`${server} ${print}`)) return true
  say(`The authenticity of host '${server}' can't be established.\nKey fingerprint is ${print}.\n`)
  const answer = await ask('Are you sure you want to continue connecting (yes/no)? ')
  if (answer.trim() !== 'yes') return false
  accepted.set(node, known.add(`${server} ${print}`))
  return true
}

function openSftp(client: Client): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => {
    client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp)))
  })
}

function put(sftp: SFTPWrapper, path: string, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    sftp.writeFile(path, bytes, (error) =>
      error ? reject(new Error(`${path} cannot be written: ${error.message}`)) : resolve(),
    )
  })
}
