import { createHash, sign as rsaSign } from 'node:crypto'
import test from 'ava'
import type { UnsignedCtl } from '../../daemon/ctl/to-be-signed.js'
import type { Caller } from '../../daemon/principal.js'
import { signCtlFile } from '../../daemon/signing/sign-ctl-file.js'
import type { SigningTokens } from '../../daemon/signing/sign-file.js'
import type { AuditLog, NewAuditEntry } from '../../daemon/store/audit-log.js'
import type { TokenView } from '../../daemon/tokens/token-view.js'
import { composeCtl } from '../../daemon/trust/compose-ctl.js'
import { verifyCtlFile } from '../../daemon/trust/verify-ctl-file.js'
import { capf, firstToken, secondToken } from '../trust/tac-cluster.js'

const caller: Caller = { principal: { keyId: 'k', name: 'n', scopes: ['sign'] }, requestId: 'r' }
const sha256 = (der: Uint8Array) => createHash('sha256').update(der).digest('hex')
const right = (message: Uint8Array) => new Uint8Array(rsaSign('sha1', message, firstToken.key.privateKey))

const draft = (): UnsignedCtl =>
  composeCtl({
    profile: 'ctl-client',
    digest: 'sha1',
    timestamp: 1_425_675_365,
    signer: firstToken.der,
    records: [
      { certificate: firstToken.der, kind: 'token', function: 0 },
      { certificate: capf.der, kind: 'server', function: 4, ipAddress: Uint8Array.of(10, 0, 0, 1) },
    ],
  })

/** A token and an audit log that write down what happens, in one list. */
function parts(signature = right, auditFails: (entry: NewAuditEntry) => boolean = () => false) {
  const story: string[] = []
  const audit: AuditLog = {
    append: async (entry) => {
      await new Promise((resolve) => setImmediate(resolve))
      story.push(`audit ${entry.phase} ${entry.outcome ?? ''}`.trimEnd())
      if (auditFails(entry)) throw Object.assign(new Error('full'), { code: 'AUDIT_NOT_WRITABLE', place: {} })
    },
  }
  const tokens: SigningTokens = {
    get: () => ({ certificates: [{ sha256: sha256(firstToken.der) }] }) as unknown as TokenView,
    sign: async (_caller, _serial, _certificate, _algorithm, message) => {
      story.push('token')
      return { signature: signature(message) }
    },
  }
  return { story, audit, tokens }
}

test('the intent is on disk before the token is asked, the outcome before the file is given', async (t) => {
  const { story, ...rest } = parts()
  const signed = await signCtlFile(rest, caller, { token: 'a', file: draft() })
  t.deepEqual(story, ['audit intent', 'token', 'audit outcome ok'])
  t.is(verifyCtlFile(signed).verdict, 'valid')
})

test('without an intent on disk the token is not asked', async (t) => {
  const { story, ...rest } = parts(right, ({ phase }) => phase === 'intent')
  await t.throwsAsync(signCtlFile(rest, caller, { token: 'a', file: draft() }), {
    code: 'AUDIT_NOT_WRITABLE',
  })
  t.deepEqual(story, ['audit intent'])
})

test('without an outcome on disk no file is given', async (t) => {
  const { audit, tokens } = parts(right, ({ phase }) => phase === 'outcome')
  await t.throwsAsync(signCtlFile({ audit, tokens }, caller, { token: 'a', file: draft() }), {
    code: 'AUDIT_NOT_WRITABLE',
  })
})

test('a wrong signature is never given, whoever let it through, and stands in the audit log', async (t) => {
  const wrong = (message: Uint8Array) => new Uint8Array(rsaSign('sha1', message, secondToken.key.privateKey))
  for (const [signature, code] of [
    [wrong, 'CTL_SIGNATURE_WRONG'],
    [() => new Uint8Array(128), 'CTL_UNSIGNED'],
    [() => new Uint8Array(127), 'CTL_SIGNATURE_LENGTH'],
  ] as const) {
    const { story, ...rest } = parts(signature)
    await t.throwsAsync(signCtlFile(rest, caller, { token: 'a', file: draft() }), { code })
    t.deepEqual(story, ['audit intent', 'token', `audit outcome ${code}`])
  }
})

test('a file that its signer signed before is signed again', async (t) => {
  const once = await signCtlFile(parts(), caller, { token: 'a', file: draft() })
  const { story, ...rest } = parts()
  t.deepEqual(await signCtlFile(rest, caller, { token: 'a', file: once }), once)
  t.deepEqual(story, ['audit intent', 'token', 'audit outcome ok'])
})

test('a draft with any other fault is refused before anything is written or asked', async (t) => {
  const file = draft()
  for (const bytes of [file.subarray(0, file.length - 1), new Uint8Array(), Uint8Array.of(...file, 0)]) {
    const { story, ...rest } = parts()
    await t.throwsAsync(signCtlFile(rest, caller, { token: 'a', file: bytes }), { message: /./ })
    t.deepEqual(story, [])
  }
})
