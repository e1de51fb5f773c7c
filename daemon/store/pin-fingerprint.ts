/**
 * How a PIN that failed is recognised: scrypt, then HMAC-SHA-256 with a key in a file of its own,
 * keyed by the token's serial.
 *
 * Whoever has the store alone (a backup) has nothing to try PINs against, because the key is 32
 * random bytes that he lacks. Whoever has both must pay scrypt for every guess.
 */
import { createHash, createHmac, randomBytes, scrypt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BridgeError } from '../bridge-error.js'
import { replaceFile } from './sync-file.js'

/** 32 bytes that tell one PIN of one token from another. */
export type FingerprintPin = (serial: string, pin: string) => Promise<Uint8Array>

const KEY_BYTES = 32

/**
 * N = 2^15, r = 8, p = 1: 32 MiB and a few tenths of a second on a small machine, in a thread of the pool, once per
 * try (RFC 7914 §2). A person does not notice it beside a token; a guesser of four digits has the key
 * above all to get past.
 */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }

/** Leave this file out of backups. */
export const pinGuardKeyFile = (stateFolder: string): string => join(stateFolder, 'pin-guard.key')

/** Makes the key where there is none; failed PINs remembered under another key are not recognised then. */
export async function openPinFingerprints(stateFolder: string): Promise<FingerprintPin> {
  const key = await openKey(pinGuardKeyFile(stateFolder))
  return async (serial, pin) => {
    const salt = createHash('sha256').update(`ctl-bridge PIN ${serial}`).digest()
    const stretched = await stretch(pin, salt)
    return createHmac('sha256', key).update(salt).update(stretched).digest()
  }
}

function stretch(pin: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(pin, salt, KEY_BYTES, COST, (error, bytes) => (error ? reject(error) : resolve(bytes)))
  })
}

async function openKey(path: string): Promise<Buffer> {
  const found = await readKey(path)
  if (found?.length === KEY_BYTES) return found
  if (found !== undefined) {
    throw new BridgeError(
      'STATE_UNUSABLE',
      'The key of the PIN guard is damaged; remove it to make a new one.',
      {
        file: path,
      },
    )
  }
  const key = randomBytes(KEY_BYTES)
  try {
    await replaceFile(path, key, 0o600)
  } catch (error) {
    throw unusableKey(path, 'written', error)
  }
  return key
}

async function readKey(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unusableKey(path, 'read', error)
  }
}

function unusableKey(path: string, what: string, error: unknown): BridgeError {
  const { code } = error as NodeJS.ErrnoException
  return new BridgeError('STATE_UNUSABLE', `The key of the PIN guard cannot be ${what} (${code}).`, {
    file: path,
  })
}
