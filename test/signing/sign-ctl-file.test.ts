import { sign as rsaSign } from 'node:crypto'
import test from 'ava'
import type { UnsignedCtl } from '../../daemon/ctl/to-be-signed.js'
import { signCtlFile } from '../../daemon/signing/sign-ctl-file.js'
import type { NewAuditEntry } from '../../daemon/store/audit-log.js'
import { composeCtl } from '../../daemon/trust/compose/compose-ctl.js'
import { verifyCtlFile } from '../../daemon/trust/verify/verify-ctl-file.js'
import { capf, firstToken, secondToken } from '../trust/tac-cluster.js'
import { caller, signingStory } from './signing-story.js'

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

/** The story of one signature, with the parts that it is made from. */
function parts(signature = right, auditFails: (entry: NewAuditEntry) => boolean = () => false) {
  const { story, parts } = signingStory(signature, { auditFails })
  return { story, audit: parts.audit, tokens: parts.tokens }
}

test('the intent is on disk before the token is asked, the outcome before the file is given', async (t) => {
  const { story, ...rest } = parts()
  const signed = await signCtlFile(rest, caller, { token: 'a', file: draft() })
  t.deepEqual(story, ['ctl.sign intent', 'token rsa-sha1', 'ctl.sign outcome ok'])
  t.is(verifyCtlFile(signed).verdict, 'valid')
})

test('without an intent on disk the token is not asked', async (t) => {
  const { story, ...rest } = parts(right, ({ phase }) => phase === 'intent')
  await t.throwsAsync(signCtlFile(rest, caller, { token: 'a', file: draft() }), {
    code: 'AUDIT_NOT_WRITABLE',
  })
  t.deepEqual(story, ['ctl.sign intent'])
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
    t.deepEqual(story, ['ctl.sign intent', 'token rsa-sha1', `ctl.sign outcome ${code}`])
  }
})

test('a file that its signer signed before is signed again', async (t) => {
  const once = await signCtlFile(parts(), caller, { token: 'a', file: draft() })
  const { story, ...rest } = parts()
  t.deepEqual(await signCtlFile(rest, caller, { token: 'a', file: once }), once)
  t.deepEqual(story, ['ctl.sign intent', 'token rsa-sha1', 'ctl.sign outcome ok'])
})

test('a draft with any other fault is refused before anything is written or asked', async (t) => {
  const file = draft()
  for (const bytes of [file.subarray(0, file.length - 1), new Uint8Array(), Uint8Array.of(...file, 0)]) {
    const { story, ...rest } = parts()
    await t.throwsAsync(signCtlFile(rest, caller, { token: 'a', file: bytes }), { message: /./ })
    t.deepEqual(story, [])
  }
})
