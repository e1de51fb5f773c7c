import test from 'ava'
import { signConfiguration } from '../../daemon/signing/sign-configuration.js'
import { signRequest } from '../../daemon/signing/sign-request.js'
import { completeRequest, decodeSigningAnswer } from '../../daemon/signing/signing-answer.js'
import { verifySgnFile } from '../../daemon/trust/sgn/verify-sgn-file.js'
import { firstToken, secondToken } from '../trust/tac-cluster.js'
import { aDraft, aRequest, requestText } from './a-request.js'
import { caller, signatureBy, signingStory } from './signing-story.js'

const text = (draft?: Uint8Array): Uint8Array => Buffer.from(requestText(draft))
const configuration = {
  token: 'a',
  fileName: 'SEP001122334455.cnf.xml.sgn',
  digest: 'sha1',
  layout: 'certutils',
  timestamp: 1,
  payload: Buffer.from('<device/>'),
} as const

test('a request is signed between two audit entries, with the digest that its bytes name', async (t) => {
  for (const digest of ['sha1', 'sha512'] as const) {
    const draft = aDraft(firstToken, digest)
    const { story, parts } = signingStory(signatureBy(firstToken, digest))
    const answer = decodeSigningAnswer(await signRequest(parts, caller, { token: 'a', text: text(draft) }))
    t.deepEqual(story, ['request.sign intent', `token rsa-${digest}`, 'request.sign outcome ok'])
    t.like(answer, { by: 'n', signed: '2026-01-02T03:04:05Z' })
    t.notThrows(() => completeRequest(aRequest(draft), answer))
  }
})

test('a request that is tampered with, or for another token, is neither recorded nor signed', async (t) => {
  const tampered = Buffer.from(String(text()).replace('Records: 4', 'Records: 3'))
  const one = signingStory()
  await t.throwsAsync(signRequest(one.parts, caller, { token: 'a', text: tampered }), {
    code: 'REQUEST_TAMPERED',
  })
  const other = signingStory(signatureBy(secondToken), { holder: secondToken })
  await t.throwsAsync(signRequest(other.parts, caller, { token: 'a', text: text() }), {
    code: 'REQUEST_FOR_OTHER_SIGNER',
  })
  t.deepEqual([...one.story, ...other.story], [])
})

test('a token that lies gives neither answer nor file, and the audit log says why', async (t) => {
  for (const [signature, code] of [
    [signatureBy(secondToken), 'CTL_SIGNATURE_WRONG'],
    [() => new Uint8Array(128), 'CTL_UNSIGNED'],
    [() => new Uint8Array(256), 'CTL_SIGNATURE_LENGTH'],
  ] as const) {
    const one = signingStory(signature)
    await t.throwsAsync(signRequest(one.parts, caller, { token: 'a', text: text() }), { code })
    t.deepEqual(one.story, ['request.sign intent', 'token rsa-sha1', `request.sign outcome ${code}`])
    const other = signingStory(signature)
    await t.throwsAsync(signConfiguration(other.parts, caller, configuration), { code })
    t.is(other.story.at(-1), `configuration.sign outcome ${code}`)
  }
})

test('a configuration file is signed between two audit entries', async (t) => {
  for (const digest of ['sha1', 'sha256', 'sha512'] as const) {
    const { story, parts } = signingStory(signatureBy(firstToken, digest))
    const file = await signConfiguration(parts, caller, { ...configuration, digest })
    t.deepEqual(story, ['configuration.sign intent', `token rsa-${digest}`, 'configuration.sign outcome ok'])
    t.is(verifySgnFile(file, { certificate: firstToken.der }).verdict, 'valid')
  }
})

test('without an audit entry on disk nothing is asked, and nothing is given', async (t) => {
  for (const phase of ['intent', 'outcome'] as const) {
    const full = () => signingStory(undefined, { auditFails: (entry) => entry.phase === phase })
    const one = full()
    await t.throwsAsync(signRequest(one.parts, caller, { token: 'a', text: text() }), {
      code: 'AUDIT_NOT_WRITABLE',
    })
    const other = full()
    await t.throwsAsync(signConfiguration(other.parts, caller, configuration), { code: 'AUDIT_NOT_WRITABLE' })
    for (const { story } of [one, other])
      t.is(
        story.some((line) => line.startsWith('token')),
        phase === 'outcome',
      )
  }
})
