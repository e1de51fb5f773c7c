/** A token and an audit log that write down what happens, in one list. */
import { createHash, sign as rsaSign } from 'node:crypto'
import type { Caller } from '../../daemon/principal.js'
import type { SigningTokens } from '../../daemon/signing/sign-file.js'
import type { AuditLog, NewAuditEntry } from '../../daemon/store/audit-log.js'
import type { TokenView } from '../../daemon/tokens/token-view.js'
import { firstToken, type Holder } from '../trust/tac-cluster.js'

export const caller: Caller = {
  principal: { keyId: 'k', name: 'n', scopes: ['sign'] },
  requestId: 'r',
}

const sha256 = (der: Uint8Array) => createHash('sha256').update(der).digest('hex')

export const signatureBy =
  (holder: Holder, digest = 'sha1') =>
  (message: Uint8Array): Uint8Array =>
    new Uint8Array(rsaSign(digest, message, holder.key.privateKey))

/** The token holds the certificate of `holder` and answers with `signature`. */
export function signingStory(
  signature = signatureBy(firstToken),
  { holder = firstToken, auditFails = (_: NewAuditEntry): boolean => false } = {},
) {
  const story: string[] = []
  const audit: AuditLog = {
    append: async (entry) => {
      await new Promise((resolve) => setImmediate(resolve))
      story.push(`${entry.action} ${entry.phase} ${entry.outcome ?? ''}`.trimEnd())
      if (auditFails(entry)) throw Object.assign(new Error('full'), { code: 'AUDIT_NOT_WRITABLE', place: {} })
    },
  }
  const certificate = { sha256: sha256(holder.der), der: holder.der, maySign: true }
  const tokens: SigningTokens = {
    get: (serial) => ({ serial, certificates: [certificate] }) as unknown as TokenView,
    sign: async (_caller, _serial, _certificate, algorithm, message) => {
      story.push(`token ${algorithm}`)
      return { signature: signature(message) }
    },
  }
  return { story, parts: { audit, tokens, now: () => new Date('2026-01-02T03:04:05.678Z') } }
}
