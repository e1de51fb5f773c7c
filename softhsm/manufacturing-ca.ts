import { createPublicKey } from 'node:crypto'
import { access, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newRsaKey } from './new-key.js'
import { type Issuer, issueManufacturingCa } from './sast-certificate.js'

const CERTIFICATE = 'manufacturing-ca.pem'
const KEY = 'manufacturing-ca.key'

/** Makes the folder's certificate authority unless it has one. */
export async function ensureManufacturingCa(folder: string): Promise<void> {
  try {
    await access(join(folder, CERTIFICATE))
  } catch {
    await writeManufacturingCa(folder, await newIssuer())
  }
}

/** A self-signed "Cisco Manufacturing CA" with an RSA-2048 key. */
export async function newIssuer(): Promise<Issuer> {
  const key = await newRsaKey(2048)
  return issueManufacturingCa(createPublicKey(key), key)
}

/** Makes `issuer` the certificate authority of this folder. */
export async function writeManufacturingCa(
  folder: string,
  { certificatePem, keyPem }: Issuer,
): Promise<void> {
  await writeFile(join(folder, KEY), keyPem, { mode: 0o600 })
  await writeFile(join(folder, CERTIFICATE), certificatePem)
}

export async function readManufacturingCa(folder: string): Promise<Issuer> {
  return {
    certificatePem: await readFile(join(folder, CERTIFICATE), 'utf8'),
    keyPem: await readFile(join(folder, KEY), 'utf8'),
  }
}
