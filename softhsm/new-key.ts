import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

/** A private key; the public one is inside. */
export async function newRsaKey(bits: number): Promise<KeyObject> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: bits })
  return privateKey
}

export async function newEcKey(): Promise<KeyObject> {
  const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  return privateKey
}
