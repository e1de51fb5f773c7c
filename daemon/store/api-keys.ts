/**
 * The keys of the API: a name, scopes and a SHA-256 of each, in one file of mode 0600.
 * The first key is made at the first start and written in full to a file of its own, so that the
 * person who may read it can hand it to the command and to programs.
 *
 * A key is `ctlb_<id>_<43 characters>`: 256 random bits, so a plain hash is enough (no dictionary
 * holds it).
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { BridgeError } from '../bridge-error.js'
import type { Principal, Scope } from '../principal.js'
import { firstKeyFile } from './first-key-file.js'
import { replaceFile } from './sync-file.js'

export const allScopes: readonly Scope[] = ['read', 'sign', 'operate', 'admin']

const keysFileSchema = z.strictObject({
  version: z.literal(1),
  keys: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      scopes: z.array(z.enum(['read', 'sign', 'operate', 'admin'])),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      createdAt: z.string(),
    }),
  ),
})
type StoredKey = z.output<typeof keysFileSchema>['keys'][number]

const keysFile = (stateFolder: string): string => join(stateFolder, 'keys.json')

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex')

export interface ApiKeys {
  /** The key's owner, or undefined. Sees a replaced key at once. */
  find(key: string): Promise<Principal | undefined>
}

/** Opens the keys of a state folder and makes the first one where there is none. */
export async function openApiKeys(stateFolder: string, now: () => Date): Promise<ApiKeys> {
  const path = keysFile(stateFolder)
  if ((await readKeys(path)) === undefined) await replaceFirstKey(stateFolder, now)
  let seen = ''
  let keys: readonly StoredKey[] = []
  return {
    async find(key) {
      const stamp = await stampOf(path)
      if (stamp !== seen) {
        keys = (await readKeys(path)) ?? []
        seen = stamp
      }
      const hash = Buffer.from(hashOf(key), 'hex')
      const found = keys.find((stored) => timingSafeEqual(Buffer.from(stored.sha256, 'hex'), hash))
      return found && { keyId: found.id, name: found.name, scopes: found.scopes }
    },
  }
}

/**
 * Makes a new first key with every scope; the former one ends. Other keys stay.
 * Returns the key itself, which is nowhere else but in the first-key file.
 */
export async function replaceFirstKey(stateFolder: string, now: () => Date): Promise<string> {
  const others = ((await readKeys(keysFile(stateFolder))) ?? []).filter((key) => key.name !== 'first')
  const id = randomBytes(4).toString('hex')
  const key = `ctlb_${id}_${randomBytes(32).toString('base64url')}`
  const first = {
    id,
    name: 'first',
    scopes: [...allScopes],
    sha256: hashOf(key),
    createdAt: now().toISOString(),
  }
  const table = JSON.stringify({ version: 1, keys: [first, ...others] }, null, 2)
  try {
    await replaceFile(firstKeyFile(stateFolder), Buffer.from(`${key}\n`), 0o600)
    await replaceFile(keysFile(stateFolder), Buffer.from(`${table}\n`), 0o600)
  } catch (error) {
    throw unusable(stateFolder, `The first key cannot be written: ${(error as Error).message}.`)
  }
  return key
}

async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeNs, ino } = await stat(path, { bigint: true })
    return `${ino}-${mtimeNs}`
  } catch (error) {
    throw unusable(path, `The keys cannot be read: ${(error as Error).message}.`)
  }
}

async function readKeys(path: string): Promise<StoredKey[] | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unusable(path, `The keys cannot be read: ${(error as Error).message}.`)
  }
  const parsed = keysFileSchema.safeParse(parseJson(text))
  if (!parsed.success)
    throw unusable(path, 'The file of keys is damaged; without it the next start makes a new first key.')
  return parsed.data.keys
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const unusable = (file: string, detail: string): BridgeError =>
  new BridgeError('STATE_UNUSABLE', detail, { file })
