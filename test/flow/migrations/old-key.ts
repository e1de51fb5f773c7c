/**
 * A CTL as an administrator of Asterisk has it: composed, and signed by a key that lies on a disk. Who signs shares no
 * code with the product.
 */
import { type KeyObject, sign, X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from '../../cli/run-command.js'
import { fieldBytes, readCtl, readSigned } from '../../trust/read-tlv.js'

const env = { HOME: '/nonexistent', XDG_STATE_HOME: '', XDG_CONFIG_HOME: '' }

/** `ctl-bridge compose`, which needs no daemon: the unsigned file. */
export async function composeDraft(folder: string, args: readonly string[]): Promise<Uint8Array> {
  const out = join(folder, 'draft.tlv')
  const { code, stderr } = await runCommand(['compose', ...args, '--out', out], { env })
  if (code !== 0) throw new Error(`compose ${args.join(' ')}: ${stderr}`)
  return new Uint8Array(await readFile(out))
}

const DIGEST = 8
const digests = ['', 'sha1', 'sha256', 'sha512']

/** The administrator’s own tool: everything but the signature record is signed (domain facts §2). */
export function signDraft(draft: Uint8Array, key: KeyObject): Uint8Array {
  const { header, message, signatureAt } = readSigned(draft)
  const digest = digests[fieldBytes(header, DIGEST)?.readUInt8() ?? 0]
  const signed = draft.slice()
  signed.set(sign(digest, message, key), signatureAt)
  return signed
}

export async function writeCertificate(folder: string, name: string, der: Uint8Array): Promise<string> {
  const file = join(folder, `${name}.pem`)
  await writeFile(file, new X509Certificate(der).toString())
  return file
}

const FUNCTION = 4
const CERTIFICATE = 9
const IP_ADDRESS = 10

export interface PlainRecord {
  readonly function: number | undefined
  readonly certificate: Buffer | undefined
  /** `192.0.2.10`; undefined where there is none. */
  readonly address: string | undefined
}

export const recordsOf = (file: Uint8Array): PlainRecord[] =>
  readCtl(file).records.map(({ fields }) => {
    const address = fieldBytes(fields, IP_ADDRESS)
    return {
      function: fieldBytes(fields, FUNCTION)?.readUInt16BE(),
      certificate: fieldBytes(fields, CERTIFICATE),
      address: address && [...address].join('.'),
    }
  })
