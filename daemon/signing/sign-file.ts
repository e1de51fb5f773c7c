/**
 * The one way from a draft to bytes that may leave: both audit entries must be on disk, and what was
 * signed must verify, or nothing is returned.
 */
import { createHash } from 'node:crypto'
import type { SignAlgorithm } from '../../drivers/token.js'
import type { CtlDigest } from '../ctl/tags.js'
import type { Signature, ToBeSigned } from '../ctl/to-be-signed.js'
import type { Caller } from '../principal.js'
import { toProblem } from '../problems.js'
import type { AuditLog, NewAuditEntry } from '../store/audit-log.js'
import type { TokenView } from '../tokens/token-view.js'

/** What signing needs of `daemon/tokens`. */
export interface SigningTokens {
  get(serial: string): TokenView
  sign(
    caller: Caller,
    serial: string,
    certificateSha256: string,
    algorithm: SignAlgorithm,
    message: Uint8Array,
  ): Promise<{ readonly signature: Uint8Array }>
}

export interface SigningParts {
  readonly tokens: SigningTokens
  readonly audit: AuditLog
}

/** One signature: what is signed, by whom, and what becomes of it. */
export interface SigningJob<Result extends Uint8Array> {
  readonly action: NewAuditEntry['action']
  readonly token: string
  /** SHA-256 of the signer's certificate. */
  readonly certificate: string
  readonly digest: CtlDigest
  readonly message: ToBeSigned
  /** For a reader of the audit log, beside token, certificate and digests. */
  readonly facts: NewAuditEntry['facts']
  /** Puts the signature in its place and verifies the whole. Throws when it is not valid. */
  readonly finish: (signature: Signature) => Result
}

const algorithms = { sha1: 'rsa-sha1', sha256: 'rsa-sha256', sha512: 'rsa-sha512' } as const
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Signs once and rejects with what the token, `finish` or the audit log says. */
export async function signFile<Result extends Uint8Array>(
  { tokens, audit }: SigningParts,
  caller: Caller,
  { action, token, certificate, digest, message, finish, ...job }: SigningJob<Result>,
): Promise<Result> {
  const facts = { token, certificate, digest, ...job.facts, toBeSignedSha256: sha256(message) }
  const entry = (rest: Pick<NewAuditEntry, 'phase' | 'outcome' | 'facts'>): NewAuditEntry => ({
    principal: { keyId: caller.principal.keyId, name: caller.principal.name },
    requestId: caller.requestId,
    action,
    ...rest,
  })

  await audit.append(entry({ phase: 'intent', facts }))
  try {
    const { signature } = await tokens.sign(caller, token, certificate, algorithms[digest], message)
    const signed = finish(signature as Signature)
    await audit.append(
      entry({ phase: 'outcome', outcome: 'ok', facts: { ...facts, signedSha256: sha256(signed) } }),
    )
    return signed
  } catch (error) {
    const { code } = toProblem(error)
    if (code !== 'AUDIT_NOT_WRITABLE') await audit.append(entry({ phase: 'outcome', outcome: code, facts }))
    throw error
  }
}
