/** Debian's two TFTP clients, from the packages that `npm test` unpacked. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setup } from '../../setup/setup-modules.js'

export interface Fetched {
  readonly bytes: Uint8Array | undefined
  /** What the client printed. */
  readonly said: string
}

interface Question {
  readonly address: string
  readonly port: number
  readonly file: string
  /** Of atftp: `blksize 1428`. */
  readonly options?: readonly string[]
  /** Of tftp-hpa: octet unless told. */
  readonly mode?: 'octet' | 'netascii'
}

export async function fetchWithTftpHpa({ address, port, file, mode = 'octet' }: Question): Promise<Fetched> {
  return withFolder(async (folder) => {
    const to = join(folder, 'got')
    const said = await run('tftp', ['-m', mode, address, `${port}`, '-c', 'get', file, to])
    return { bytes: await readIfThere(to), said }
  })
}

export async function fetchWithAtftp({ address, port, file, options = [] }: Question): Promise<Fetched> {
  return withFolder(async (folder) => {
    const to = join(folder, 'got')
    const wanted = options.flatMap((option) => ['--option', option])
    const said = await run('atftp', [
      '--verbose',
      ...wanted,
      '--get',
      '-r',
      file,
      '-l',
      to,
      address,
      `${port}`,
    ])
    return { bytes: await readIfThere(to), said }
  })
}

export async function putWithTftpHpa(address: string, port: number, from: string): Promise<string> {
  return run('tftp', ['-m', 'octet', address, `${port}`, '-c', 'put', from, 'CTLFile.tlv'])
}

async function run(client: 'tftp' | 'atftp', args: readonly string[]): Promise<string> {
  const packages = setup.unpack.unpackedTftpClients()
  if (packages === undefined) throw new Error('the TFTP clients are not unpacked; npm test does that')
  const child = spawn(join(packages, 'usr/bin', client), args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (said += part))
  await once(child, 'close')
  return said
}

async function withFolder(work: (folder: string) => Promise<Fetched>): Promise<Fetched> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-client-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path))
  } catch {
    return undefined
  }
}
