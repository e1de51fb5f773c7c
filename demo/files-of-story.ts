/** The file before and the one after: kept in the demo's folder, read by the daemon, and checked without it. */
import { execFile } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fieldValue } from '../daemon/ctl/ctl-field.js'
import { decodeCtlFile } from '../daemon/ctl/ctl-file.js'
import { signatureOf } from '../daemon/ctl/header-fields.js'
import { recordTag } from '../daemon/ctl/tags.js'
import { takeToBeSigned } from '../daemon/ctl/to-be-signed.js'
import type { Api, Description, Verdict } from './api.js'

export interface StoryFile {
  readonly folder: string
  readonly path: string
  readonly bytes: Uint8Array
  readonly description: Description
  readonly verdict: Verdict
  /** As `show ctl` prints it; beside the file as well. */
  readonly view: string
}

export const hashOf = (bytes: Uint8Array, algorithm: 'md5' | 'sha1' | 'sha256'): string =>
  createHash(algorithm).update(bytes).digest('hex')

export async function keepFile(api: Api, folder: string, bytes: Uint8Array): Promise<StoryFile> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, 'CTLFile.tlv')
  const view = await api.show(bytes)
  await Promise.all([writeFile(path, bytes), writeFile(join(folder, 'show-ctl.txt'), view)])
  return {
    folder,
    path,
    bytes,
    description: await api.inspect(bytes),
    verdict: await api.verify(bytes),
    view,
  }
}

/** So that it stands indented in 80 columns. */
const GIST_WIDTH = 75

/** Of `show ctl` its head, the records whose certificates may sign, and its verdict: the whole is a page for each record. */
export function gistOf(view: string): string[] {
  const [head = '', ...records] = view.split(/^(?=CTL Record #)/m)
  const told =
    /\((MD5|SHA1)\)$|^Length of CTL file|last modified|^CTL Record|\t(SUBJECTNAME|FUNCTION)\t|^This etoken/
  const signers = records.filter((record) => record.includes('System Administrator Security Token'))
  const lines = [head, ...signers]
    .flatMap((part) => part.split('\n'))
    .filter((line) => told.test(line))
    .map((line) => line.replaceAll('\t', ' ').slice(0, GIST_WIDTH))
  const others = records.length - signers.length
  const verdict = view.trimEnd().split('\n').at(-1) ?? ''
  return [...lines, `… and ${others} records of servers and CAPF`, verdict]
}

export interface OpensslCheck {
  readonly command: string
  /** In openssl’s own words; undefined when there is none on this machine. */
  readonly said: string | undefined
}

/** The signature, what it is over, and the key of the record that signed lie beside the file, for openssl to judge alone. */
export async function checkWithOpenssl({
  folder,
  bytes,
  description,
  verdict,
}: StoryFile): Promise<OpensslCheck> {
  const file = decodeCtlFile(bytes)
  const signer = description.records.findIndex(({ signedTheFile }) => signedTheFile)
  const certificate = fieldValue(file.records[signer]?.fields ?? [], recordTag.certificate)
  if (certificate === undefined) throw new Error('No record of the file names its signer.')
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' })
  await Promise.all([
    writeFile(join(folder, 'signed.bin'), takeToBeSigned(bytes)),
    writeFile(join(folder, 'signature.bin'), signatureOf(file)),
    writeFile(join(folder, 'signer.pem'), key),
  ])
  const args = [
    'dgst',
    `-${verdict.digest}`,
    '-verify',
    'signer.pem',
    '-signature',
    'signature.bin',
    'signed.bin',
  ]
  const command = `openssl ${args.join(' ')}`
  try {
    const { stdout } = await promisify(execFile)('openssl', args, { cwd: folder })
    return { command, said: stdout.trim() }
  } catch (error) {
    const { code, stdout } = error as { code?: string | number; stdout?: string }
    return { command, said: code === 'ENOENT' ? undefined : (stdout ?? '').trim() || 'it fails' }
  }
}
