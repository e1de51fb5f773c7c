/**
 * `Idempotency-Key`: a client that lost an answer sends the same request again and gets the same
 * answer, without a second use of the token. Answers are kept for ten minutes in memory.
 */
import { createHash } from 'node:crypto'
import { BridgeError } from '../bridge-error.js'
import type { Reply, RouteRequest } from './route.js'

const KEPT_MILLISECONDS = 600_000
const KEPT_ANSWERS = 200
const KEY_LENGTH = 255

interface Kept {
  readonly fingerprint: string
  readonly until: number
  readonly reply: Promise<Reply>
}

export class Idempotency {
  readonly #kept = new Map<string, Kept>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * Runs `work` once per key. `parts` is what the request consists of; another request under the
   * same key is refused. A failure is not kept: the client may try again.
   */
  once(
    scope: string,
    key: string | undefined,
    parts: readonly (string | Uint8Array)[],
    work: () => Promise<Reply>,
  ): Promise<Reply> {
    if (key === undefined) return work()
    if (key === '' || key.length > KEY_LENGTH) {
      throw new BridgeError('BODY_INVALID', `An Idempotency-Key has 1 to ${KEY_LENGTH} characters.`, {
        header: 'Idempotency-Key',
      })
    }
    const id = `${scope} ${key}`
    const fingerprint = fingerprintOf(parts)
    const kept = this.#kept.get(id)
    if (kept !== undefined && kept.until > this.#now()) {
      if (kept.fingerprint === fingerprint) return kept.reply
      throw new BridgeError('IDEMPOTENCY_KEY_REUSED', 'The Idempotency-Key belongs to another request.', {
        header: 'Idempotency-Key',
      })
    }
    const reply = work()
    const entry = { fingerprint, until: this.#now() + KEPT_MILLISECONDS, reply }
    // A map keeps the place of a key that is set again, and the order is the order of forgetting.
    this.#kept.delete(id)
    this.#kept.set(id, entry)
    reply.catch(() => {
      if (this.#kept.get(id) === entry) this.#kept.delete(id)
    })
    this.#forgetOldest()
    return reply
  }

  #forgetOldest(): void {
    for (const [id, { until }] of this.#kept) {
      if (until > this.#now() && this.#kept.size <= KEPT_ANSWERS) break
      this.#kept.delete(id)
    }
  }
}

/** `parts` is what the request consists of. */
export function oncePerKey(
  idempotency: Idempotency,
  { caller, headers }: Pick<RouteRequest<unknown>, 'caller' | 'headers'>,
  parts: readonly (string | Uint8Array)[],
  work: () => Promise<Reply>,
): Promise<Reply> {
  const key = headers['idempotency-key']
  return idempotency.once(caller.principal.keyId, typeof key === 'string' ? key : undefined, parts, work)
}

function fingerprintOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part
    hash.update(`${bytes.length}:`).update(bytes)
  }
  return hash.digest('hex')
}
